"""Opens the template with openpyxl, says what it offers, and fills in a row of each sheet by it.

    fill_template.py TEMPLATE FILLED    prints what stands in the template, writes FILLED
    fill_template.py LIST               prints what stands in an exported list
"""

import json
import sys

import openpyxl

VALUES = {"商品料号": "0012", "商品编码": "8542399000", "商品名称": "集成电路", "规格型号": "BGA-256", "申报数量": 10,
          "法定数量": 10, "第二法定数量": 1, "申报单价": 2.5, "备注": "=1+1", "原出口货物价值": 20, "境外加工费": 5,
          "境外料件费": 0, "运输及相关费用": 0, "保险费": 0}


def offered(book, validation):
    """The cells a drop-down offers, as Excel would resolve them."""
    sheet, area = validation.formula1.lstrip("=").rsplit("!", 1)
    cells = book[sheet.strip("'")][area.replace("$", "")]
    return [cell.value for (cell,) in cells]


def fill(sheet, book):
    names = {cell.value.lstrip("*"): cell for cell in sheet[1]}
    lists = {}
    for validation in sheet.data_validations.dataValidation:
        for name, cell in names.items():
            if f"{cell.column_letter}3" in validation.sqref:
                lists[name] = offered(book, validation)
    for name, cell in names.items():
        value = VALUES.get(name) or (lists.get(name) or [None])[0]
        if value is not None:
            target = sheet.cell(row=3, column=cell.column, value=value)
            if str(value).startswith("="):
                target.data_type = "s"

    def format_of(cell):
        # One entry may stand for several columns.
        columns = sheet.column_dimensions.values()
        return next((one.number_format for one in columns if one.min <= cell.column <= one.max), "General")

    return {
        "lists": {name: len(values) for name, values in lists.items()},
        "formats": {name: format_of(cell) for name, cell in names.items()},
        "hints": {name: sheet.cell(row=2, column=cell.column).value for name, cell in names.items()},
        "starred": {name: cell.value.startswith("*") for name, cell in names.items()},
        "frozen": sheet.freeze_panes,
    }


def main():
    book = openpyxl.load_workbook(sys.argv[1])
    if len(sys.argv) == 2:
        cells = [cell for row in book.active for cell in row if cell.value is not None]
        print(json.dumps({"formulas": sum(cell.data_type == "f" for cell in cells),
                          "texts": [cell.value for cell in cells if isinstance(cell.value, str)]}))
        return
    seen = {name: fill(book[name], book) for name in ("出口货物", "复进口货物")}
    seen["hidden"] = [sheet.title for sheet in book if sheet.sheet_state != "visible"]
    book.save(sys.argv[2])
    print(json.dumps(seen))


main()
