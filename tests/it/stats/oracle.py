"""Adds up exported ledgers (台账-NUMBER.xlsx) by another way than the program: every line, with Python's decimals.

    python oracle.py FOLDER FROM TO      months as yyyy-mm; prints JSON
"""

import json
import sys
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from openpyxl import load_workbook

SIDES = {"出口": "exported", "复进口全免": "exempt", "复进口征税": "taxed"}


def lines_of(path):
    rows = load_workbook(path, read_only=True)["明细"].iter_rows(values_only=True)
    headings = next(rows)
    for row in rows:
        yield dict(zip(headings, row))


def stays(out, back):
    """First in, first out: `out` and `back` are (day, amount). The day each part came back, its days abroad, its amount."""
    out, at = sorted(out), 0
    left = out[0][1] if out else Decimal(0)
    for day, amount in sorted(back):
        while amount > 0 and at < len(out):
            part = min(amount, left)
            yield day, max((date.fromisoformat(day) - date.fromisoformat(out[at][0])).days, 0), part
            amount -= part
            left -= part
            if left == 0:
                at += 1
                left = out[at][1] if at < len(out) else Decimal(0)


def average(stays):
    returned = sum(part for _, _, part in stays)
    if returned == 0:
        return ""
    weighted = sum(days * part for _, days, part in stays)
    return format((weighted / returned).quantize(Decimal("0.1"), ROUND_HALF_EVEN).normalize(), "f")


def main(folder, first, last):
    groups = {by: defaultdict(lambda: defaultdict(Decimal)) for by in ("book", "month", "commodity")}
    counts = {by: defaultdict(lambda: [0, 0]) for by in ("book", "month")}
    days = {"book": defaultdict(list), "month": defaultdict(list)}
    for path in sorted(Path(folder).glob("*.xlsx")):
        book = path.stem.removeprefix("台账-")
        booked, day_of = {}, {}
        for line in lines_of(path):
            if line["事项"] == "核注":
                # Registered without a day, it counts on that of its booking.
                day_of[line["报关单号"]] = line["进出口日期"] or line["记账时间"][:10]
            if line["事项"] not in ("核注", "冲回"):
                continue
            key = (line["报关单号"], SIDES[line["类别"]], line["商品编号"])
            booked[key] = booked.get(key, Decimal(0)) + Decimal(str(line["金额(账册币制)"]))
        out, back, entries = [], [], {}
        for (entry, side, code), amount in booked.items():
            if amount == 0:
                continue
            day = day_of[entry]
            month = day[:7]
            entries[entry] = (day, side)
            if month > last:
                continue
            for by, group in (("book", book), ("month", month), ("commodity", code)):
                if month >= first:
                    groups[by][group][side] += amount
                if side != "taxed":
                    groups[by][group]["abroad"] += amount if side == "exported" else -amount
        for entry, (day, side) in entries.items():
            way = 0 if side == "exported" else 1
            if first <= day[:7] <= last:
                counts["book"][book][way] += 1
                counts["month"][day[:7]][way] += 1
            total = {one: sum(a for (e, s, _), a in booked.items() if e == entry and s == one) for one in SIDES.values()}
            if day[:7] <= last:
                if total["exported"]:
                    out.append((day, total["exported"]))
                if total["exempt"]:
                    back.append((day, total["exempt"]))
        for stay in stays(out, back):
            if stay[0][:7] >= first:
                days["book"][book].append(stay)
                days["month"][stay[0][:7]].append(stay)
    running = Decimal(0)
    for month in sorted(groups["month"]):
        running += groups["month"][month]["abroad"]
        groups["month"][month]["abroad"] = running
    plain = lambda amount: format(amount.normalize(), "f")
    told = {}
    for by, found in groups.items():
        for group, sums in found.items():
            figures = [plain(sums[key]) for key in ("exported", "exempt", "taxed", "abroad")]
            figures += counts[by][group] if by in counts else [0, 0]
            figures.append(average(days[by][group]) if by in days else "")
            if by == "month" and not first <= group <= last:
                continue
            if by != "month" and all(figure in ("0", 0, "") for figure in figures[:6]):
                continue
            told[f"{by} {group}"] = figures
    json.dump(told, sys.stdout, ensure_ascii=False)


main(*sys.argv[1:])
