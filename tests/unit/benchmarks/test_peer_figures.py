"""Where a peer is better is told from the numbers."""

from peer_figures import FINDERS, Beside, Comparison, Peers, section


class Present(Peers):
    """Peers that are there, without their processes."""

    def __init__(self) -> None:
        super().__init__()
        self.present = True


def test_more_is_better_unless_less_is() -> None:
    peers = {"lower": 0.1, "equal": 0.5, "higher": 0.9}
    assert Comparison("found", "data", 0.5, peers).better() == {"higher": 0.9}
    assert Comparison("found", "data", 0.5, peers).equal() == {"equal": 0.5}
    assert Comparison("time", "data", 0.5, peers, less=True).better() == {"lower": 0.1}


def test_rows_are_the_engine_s_then_the_peers() -> None:
    comparison = Comparison("time", "3 pictures", 12.4, {"A": 8.0}, shown="{:.0f} ms", less=True)
    assert list(comparison.rows()) == [("time", "12 ms", "3 pictures"), ("time, A", "8 ms", "3 pictures")]


def test_the_section_names_the_figures_in_which_a_peer_is_better_or_as_good() -> None:
    beside = Beside(Present())
    list(beside.rows(Comparison("found", "9 faces", 0.5, {"A": 0.75, "B": 0.25, "C": 0.625})))
    list(beside.rows(Comparison("alarms", "5 rooms", 0.0, {"A": 0.0}, less=True)))
    text = "\n".join(section(beside))
    assert "Figures that stand beside those of peers or of models alone: 2." in text
    assert "One of these is better in 1:\n\n- found (9 faces): A 0.750, C 0.625; openrek 0.500\n" in text
    assert text.endswith("One of these is as good in 1:\n\n- alarms (5 rooms): A 0.000; openrek 0.000")


def test_the_section_says_when_no_peer_is_better() -> None:
    beside = Beside(Present())
    list(beside.rows(Comparison("found", "9 faces", 0.5, {"B": 0.25})))
    text = "\n".join(section(beside))
    assert "One of these is better in none." in text
    assert "One of these is as good in none." in text


def test_without_peers_their_rows_are_left_out_and_the_page_says_so() -> None:
    beside = Beside()
    assert dict(beside.peers.among(FINDERS)) == {}
    assert list(beside.rows(Comparison("found", "9 faces", 0.5, {}))) == [("found", "0.500", "9 faces")]
    assert beside.comparisons == []
    assert "left out" in "\n".join(section(beside))
