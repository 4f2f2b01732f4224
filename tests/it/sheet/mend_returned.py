"""Mends rows that came back as a person would: reads the reason in the last column, and writes something
better into the column it names.

    mend_returned.py RETURNED MENDED    prints what it saw and did, writes MENDED
"""

import json
import sys

import openpyxl

BETTER = {"商品编码": "8542399000", "商品名称": "集成电路", "规格型号": "BGA-256", "申报计量单位": "个", "申报数量": 10,
          "申报单价": 2.5, "币制": "USD", "原产国(地区)": "CHN"}


def main():
    book = openpyxl.load_workbook(sys.argv[1])
    sheet = book.active
    names = {cell.value: cell.column for cell in sheet[1]}
    last = sheet.cell(row=1, column=sheet.max_column).value
    mended = 0
    formulas = sum(cell.data_type == "f" for row in sheet for cell in row)
    for row in range(2, sheet.max_row + 1):
        # 第3行：商品编码：…；币制：…
        for reason in sheet.cell(row=row, column=names[last]).value.split("：", 1)[1].split("；"):
            name = reason.split("：")[0]
            cell = sheet.cell(row=row, column=names[name], value=BETTER[name])
            if isinstance(BETTER[name], (int, float)):
                cell.number_format = "General"
            mended += 1
    book.save(sys.argv[2])
    print(json.dumps({"last": last, "rows": sheet.max_row - 1, "mended": mended, "formulas": formulas}))


main()
