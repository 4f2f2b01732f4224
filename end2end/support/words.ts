// The words a test looks for, in the language of the screen it drives.

export interface Words {
  user: string;
  signOut: string;
  menuBook: string;
  internalNo: string;
  bookNo: string;
  contractNo: string;
  materialNo: string;
  saved: string;
  ready: string;
  declare: string;
  approved: string;
  receipts: string;
  query: string;
}

export const zh: Words = {
  user: "用户名",
  signOut: "退出",
  menuBook: "出境加工账册(备案/变更)",
  internalNo: "企业内部编号",
  bookNo: "账册编号",
  contractNo: "出境加工合同号",
  materialNo: "商品料号",
  saved: "暂存成功！",
  ready: "没有问题，可以申报",
  declare: "是否确认申报",
  approved: "海关终审通过",
  receipts: "查看回执",
  query: "查询",
};

export const en: Words = {
  user: "User name",
  signOut: "Sign out",
  menuBook: "Account book (filing/change)",
  internalNo: "Internal no.",
  bookNo: "Book no.",
  contractNo: "Processing contract no.",
  materialNo: "Material no.",
  saved: "Saved",
  ready: "Nothing in the way: ready to declare",
  declare: "Declaring sends the data to customs",
  approved: "Approved by customs",
  receipts: "Receipts",
  query: "Query",
};
