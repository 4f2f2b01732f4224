"""Writes a list of 报关单 as a program of customs would export it: one line an item, the head on every line.

    export_list.py FILE BOOK ENTRIES ITEMS    ITEMS in all; a fourth of the entries are re-imports
"""

import sys

import openpyxl

HEADINGS = ["序号", "海关编号", "进出口标志", "备案号", "监管方式", "进出口日期", "申报日期", "境内收发货人", "项号", "备案序号",
            "商品编号", "商品名称", "规格型号", "成交数量", "成交单位", "单价", "总价", "币制", "原产国(地区)",
            "最终目的国(地区)", "征免", "法定数量", "法定计量单位"]


def main(path, book, entries, items):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "报关单表体"
    sheet.append(HEADINGS)
    reimports = entries // 4
    exports = entries - reimports
    serial = left = 0
    left = items
    for at in range(entries):
        is_import = at >= exports
        # The pairs of a re-import are even in number; the last entry takes what is left.
        share = left // (entries - at)
        count = share - share % 2 if is_import else share
        count = min(max(count, 2), 50)
        left -= count
        number = f"22182026{1 if is_import else 0}{at:09d}"
        for item in range(count):
            serial += 1
            taxed = is_import and item % 2 == 1
            total = 0.5 if taxed else 1 if is_import else 100
            sheet.append([
                serial, number, "进口" if is_import else "出口", book, "1427", f"2026-02-{at % 27 + 1:02d}", "2026-03-01",
                "企业", item + 1, 1, "8542399000", "处理器", "A1", 0.1 if taxed else 1, "千克", total / (0.1 if taxed else 1),
                total, "美元", "中国", "越南" if not is_import else "中国",
                "照章征税" if taxed else "全免", 0.1 if taxed else 1, "千克",
            ])
    made.save(path)
    print(serial)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
