"""Save files, filter files, and the texts in them."""

from sim.probes import Symbol
from sim.waveforms import layout
from sim.waveforms.gtkwave import Group, Radix, Row, View, filter_file, save_file
from sim.waveforms.labels import insn_labels, pc_labels, pte_labels
from sim.waveforms.windows import Interval

GROUPS = [
    Group("one", (Row("TOP.clk", 1, "clock", Radix.BIT), Row("TOP.pc", 64, "pc", labels="pc"))),
    Group("two", (Row("TOP.insn", 32, "insn", labels="insn"),), closed=True),
]


def test_a_save_file_names_dump_markers_rows_and_filters(tmp_path):
    path, dump = tmp_path / "a.gtkw", tmp_path / "a.fst"
    markers = (("map begins", 40_000), ("map ends", 90_000))
    save_file(path, dump, GROUPS, View(31_000, 8.0, markers), tmp_path / "labels")
    lines = path.read_text().splitlines()
    assert f'[dumpfile] "{dump}"' in lines
    assert f'[savefile] "{path}"' in lines
    assert "[timestart] 31000" in lines
    # 200 pixels show 1600 units; named markers follow the primary one, which is off.
    zoom = next(line for line in lines if line.startswith("*"))
    assert zoom.startswith("*-10.643856 -1 40000 90000 -1 -1")
    assert len(zoom.split()) == 2 + 26
    assert "[markername] Amap begins" in lines
    assert "[markername] Bmap ends" in lines
    assert lines[lines.index("@800200") :] == [
        "@800200",
        "-one",
        "@28",
        "+{clock} TOP.clk",
        "@2022",
        f"^2 {tmp_path}/labels/pc.txt",
        "+{pc} TOP.pc[63:0]",
        "@1000200",
        "-one",
        "@c00200",
        "-two",
        "@2022",
        f"^1 {tmp_path}/labels/insn.txt",
        "+{insn} TOP.insn[31:0]",
        "@1401200",
        "-two",
    ]


def test_more_markers_than_gtkwave_has_are_left_out(tmp_path):
    markers = tuple((f"m{n}", n) for n in range(30))
    save_file(tmp_path / "a.gtkw", tmp_path / "a.fst", GROUPS, View(0, 1.0, markers), tmp_path)
    lines = (tmp_path / "a.gtkw").read_text().splitlines()
    assert [line for line in lines if line.startswith("[markername]")][-1] == "[markername] Zm25"


def test_a_view_marks_every_phase_and_opens_at_the_first():
    interval = Interval("map", 0, 99, 199)
    view = layout.view(interval, [interval, Interval("invalidate", 0, 150, 199)])
    assert view.markers == (
        ("map begins", 100_000),
        ("map ends, invalidate ends", 200_000),
        ("invalidate begins", 151_000),
    )
    assert view.start < 100_000


def test_filter_values_have_the_digits_of_the_row(tmp_path):
    filter_file(tmp_path / "f.txt", 56, {0x80: "?red?a b", 1: "c"})
    assert (tmp_path / "f.txt").read_text() == "00000000000080 ?red?a b\n00000000000001 c\n"


def test_pcs_are_named_by_the_symbol_before_them():
    symbols = {
        "$x": Symbol(0x1008, 0),
        ".Lloop": Symbol(0x1008, 0),
        "label": Symbol(0x1010, 0),
        "function": Symbol(0x1010, 8),
        "first": Symbol(0x1000, 0),
    }
    assert pc_labels([0xFFC, 0x1000, 0x1008, 0x1010, 0x1014], symbols) == {
        0x1000: "first",
        0x1008: "first+0x8",
        0x1010: "function",
        0x1014: "function+0x4",
    }


def test_fences_stand_out_and_data_has_no_text():
    assert insn_labels(iter((0x1200_0073, 0x0000_0013, 0))) == {
        0x1200_0073: "?RoyalBlue?sfence.vma zero, zero",
        0x0000_0013: "addi zero, zero, 0",
    }


def test_ptes_are_named_by_stack_and_page_and_the_guards_are_not():
    labels = pte_labels({"kstack_pt": Symbol(0x8040_0000, 128)})
    assert len(labels) == 8
    assert labels[0x8040_0000].endswith("PTE s0 p0")
    assert labels[0x8040_0058].endswith("PTE s1 p3")
    assert 0x8040_0020 not in labels
    assert pte_labels({}) == {}
