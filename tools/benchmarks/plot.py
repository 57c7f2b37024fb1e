# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plot of cost by size, as an SVG for light and dark pages."""

from __future__ import annotations

import statistics
import typing as t
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.measure import Results

GRAY = "#777777"  # same contrast to white and black
COLORS = {"servicecatalog": "#d9822b", "cloudformation": "#2f8fd0", "boto3 loop": GRAY}
MARKERS = {"servicecatalog": "o", "cloudformation": "s", "boto3 loop": "x"}


def draw(growth: Results, file: Path) -> None:
    """Write the plot of the trial ``growth``."""
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "benchmarks", "font.size": 9, "text.color": GRAY})
    figure = Figure(figsize=(7.5, 3.2), layout="constrained")
    cpu, memory = figure.subplots(1, 2)
    for name, color in COLORS.items():
        points = _points(growth, name)
        sizes = [size for size, _samples in points]
        for axes, measure, unit in ((cpu, "cpu", 1.0), (memory, "peak", 2.0**20)):
            values = [statistics.median(sample[measure] for sample in samples) / unit for _size, samples in points]
            axes.plot(sizes, values, color=color, marker=MARKERS[name], markersize=5, linewidth=1.5, label=name)
    cpu.set(xscale="log", yscale="log")
    memory.set(xscale="log", ylim=(0, None))
    for axes, title in ((cpu, "CPU in seconds"), (memory, "peak memory in MiB")):
        axes.set_title(title, color=GRAY, fontsize=9)
        axes.set_xlabel("stack instances", color=GRAY)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.yaxis.set_major_formatter("{x:,g}")
        axes.minorticks_off()
        axes.tick_params(which="both", colors=GRAY)
        axes.grid(color=GRAY, alpha=0.25, linewidth=0.5)
        axes.patch.set_alpha(0)
        for spine in axes.spines.values():
            spine.set_color(GRAY)
    cpu.legend(frameon=False, labelcolor=GRAY)
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Title": "Cost by size"})
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("".join(f"{line.rstrip()}\n" for line in lines), encoding="utf-8")


def _points(growth: Results, name: str) -> list[tuple[int, list[dict[str, t.Any]]]]:
    """Return the sizes and samples of a contestant."""
    split = ((contestant.rpartition(" "), samples) for contestant, samples in growth["samples"].items())
    return sorted((int(size), samples) for (who, _blank, size), samples in split if who == name)
