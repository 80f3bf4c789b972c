"""What a run's page does with files that are played, handed on, long, or still written."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.support import tab_files
from tests.support.tab_files import EXPERIMENT, FILM_S, LONG_LETTERS, LONG_LINES, SEEDS, SOUND_S, FileStore
from tests.support.tab_page import PATIENCE_MS, TabPage
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

PERFETTO = "https://ui.perfetto.dev"
STAND_IN = """<!doctype html><title>stand-in</title><script>
window.received = []
addEventListener("message", (event) => {
  if (event.data === "PING") { event.source.postMessage("PONG", event.origin); return; }
  const { buffer, title } = event.data.perfetto;
  received.push({ title, text: new TextDecoder().decode(buffer), origin: event.origin });
});
</script>"""
"""Answers as Perfetto's page does: https://perfetto.dev/docs/visualization/deep-linking-to-perfetto-ui"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> FileStore:
    return tab_files.fill(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def board(files: FileStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    flags = ("--aml_experiment", EXPERIMENT, "--aml_tracking_uri", files.uri)
    with tensorboard(*flags, cwd=tmp_path_factory.mktemp("cwd")) as running:
        yield running


@pytest.fixture
def tab(page: Page, board: TensorBoard) -> TabPage:
    page.set_viewport_size({"width": 1400, "height": 900})
    return TabPage(page, board)


@pytest.mark.parametrize(("file", "tag", "length_s"), [("tone.wav", "audio", SOUND_S), ("film.webm", "video", FILM_S)])
def test_sound_and_film_are_read_in_ranges_and_sought_in(
    tab: TabPage, files: FileStore, file: str, tag: str, length_s: int
) -> None:
    answers: list[Response] = []
    tab.page.on("response", lambda answer: answers.append(answer) if file in answer.url else None)
    tab.open(page="run", run=files.ids["media"], panel="artifacts", item=file)
    player = tab.frame.locator(f".shown {tag}")
    expect(player).to_have_js_property("readyState", 4, timeout=PATIENCE_MS)
    assert player.evaluate("(player) => player.duration") == pytest.approx(length_s, abs=0.5)
    late_s = 0.9 * length_s
    player.evaluate(f"(player) => {{ player.currentTime = {late_s} }}")
    expect(player).to_have_js_property("seeking", False, timeout=PATIENCE_MS)
    player.evaluate("async (player) => { player.muted = true; await player.play() }")
    tab.page.wait_for_function(
        f"() => [...document.querySelectorAll('iframe')].some((frame) =>"
        f" frame.contentDocument?.querySelector('.shown {tag}')?.currentTime > {late_s})"
    )
    assert player.evaluate("(player) => player.error") is None
    assert {answer.status for answer in answers} == {206}
    starts = [int(answer.headers["content-range"].split()[1].split("-")[0]) for answer in answers]
    size = files.path("media", file).stat().st_size
    assert any(start > size / 2 for start in starts), starts  # what lies between was never asked for


def test_a_film_that_cannot_be_played_says_so(tab: TabPage, files: FileStore) -> None:
    tab.open(page="run", run=files.ids["media"], panel="artifacts", item="broken.mp4")
    expect(tab.frame.locator(".shown .why")).to_contain_text("cannot play it", timeout=PATIENCE_MS)


def test_a_trace_leaves_for_perfetto_only_when_that_was_confirmed(tab: TabPage, files: FileStore) -> None:
    asked: list[str] = []

    def stand_in(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=STAND_IN, content_type="text/html")

    tab.page.context.route(f"{PERFETTO}/**", stand_in)
    path = "profile/host.pt.trace.json"
    reads: list[str] = []
    tab.page.on("request", lambda request: reads.append(request.url) if "trace.json" in request.url else None)
    tab.open(page="run", run=files.ids["media"], panel="artifacts", item=path)
    tab.button("Open in Perfetto…").click(timeout=PATIENCE_MS)
    expect(tab.frame.get_by_text(PERFETTO)).to_be_visible()
    tab.button("Keep it here").click()
    tab.button("Open in Perfetto…").click()
    expect(tab.button("Hand it over ↗")).to_be_focused()
    assert (asked, reads) == ([], [])
    with tab.page.expect_popup() as opened:
        tab.page.keyboard.press("Enter")
    expect(tab.frame.locator(".trace [role=status]")).to_have_text("Perfetto has it.", timeout=PATIENCE_MS)
    opened.value.wait_for_function("received.length === 1")
    (received,) = opened.value.evaluate("received")
    assert received["title"] == path
    assert received["text"] == files.path("media", path).read_text()
    assert asked == [f"{PERFETTO}/"]


def test_a_trace_stays_where_there_is_no_way_to_perfetto(tab: TabPage, files: FileStore) -> None:
    tab.open(page="run", run=files.ids["media"], panel="artifacts", item="profile/host.pt.trace.json")
    said = tab.frame.locator(".trace [role=status]")
    tab.page.context.route(f"{PERFETTO}/**", lambda route: route.fulfill(body="", content_type="text/html"))
    tab.button("Open in Perfetto…").click(timeout=PATIENCE_MS)
    with tab.page.expect_popup() as opened:
        tab.button("Hand it over ↗").click()
    opened.value.close()
    expect(said).to_contain_text("was closed", timeout=PATIENCE_MS)
    tab.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => false })")
    tab.button("Open in Perfetto…").click()
    tab.button("Hand it over ↗").click()
    expect(said).to_contain_text("Download the trace")


@pytest.mark.parametrize(("run", "names"), [("nodes", tab_files.NODES), ("old nodes", tab_files.OLD_NODES)])
def test_the_logs_of_several_nodes_are_told_apart(
    tab: TabPage, files: FileStore, run: str, names: dict[str, str]
) -> None:
    tab.open(page="run", run=files.ids[run], panel="logs")
    choices = tab.frame.get_by_role("navigation", name="Log files").get_by_role("button")
    expect(choices).to_have_count(len(names), timeout=PATIENCE_MS)
    log = tab.frame.get_by_role("log")
    for place, text in enumerate(list(names.values())[0:2] if run == "nodes" else list(names.values())[1:3]):
        expect(choices.nth(place)).to_contain_text(f"node {place}")
        choices.nth(place).click()
        expect(log).to_contain_text(text.splitlines()[-1], timeout=PATIENCE_MS)
    expect(tab.frame.get_by_role("tab", name="Text")).to_have_count(0)  # a log is no text besides


def test_a_log_that_grows_is_followed_until_somebody_looks_back(tab: TabPage, files: FileStore) -> None:
    name = "user_logs/std_log.txt"
    tab.open(page="run", run=files.ids["growing"], panel="logs")
    log = tab.frame.get_by_role("log")
    expect(log).to_contain_text("first line", timeout=PATIENCE_MS)
    files.append("growing", name, "".join(f"line {number}\n" for number in range(200)) + "half a ")
    expect(log).to_contain_text("half a", timeout=PATIENCE_MS)
    files.append("growing", name, "line\n\x1b[32mgreen\x1b[0m <b>no tag</b>\n")
    expect(log.locator(".ansi-green")).to_have_text("green", timeout=PATIENCE_MS)
    expect(log).to_contain_text("half a line")
    expect(log).to_contain_text("<b>no tag</b>")
    log.hover()
    tab.page.mouse.wheel(0, -1000)
    follow = tab.frame.get_by_label("Follow")
    expect(follow).not_to_be_checked()
    with tab.page.expect_response(re.compile("logs/part")):
        files.append("growing", name, "the last of all\n")
        follow.check()
    expect(log).to_contain_text("the last of all", timeout=PATIENCE_MS)


def test_fifty_megabytes_of_log_do_not_hold_the_page_up(tab: TabPage, files: FileStore) -> None:
    tab.open(page="run", run=files.ids["long"], panel="logs")
    log = tab.frame.get_by_role("log")
    expect(log.get_by_text(f"step {LONG_LINES - 1:07}")).to_be_visible(timeout=PATIENCE_MS)
    assert tab.evaluate("document.querySelectorAll('.log .lines *').length") < 600
    tab.button("First error").click()
    marked = log.locator(".marked")
    expect(marked).to_contain_text("CUDA error in the middle", timeout=PATIENCE_MS)
    before = log.locator(".lines div[data-index]").first.inner_text()
    log.hover()
    for _ in range(8):
        tab.page.mouse.wheel(0, -6000)
    expect(log.get_by_text(before)).to_have_count(0)
    tab.button("Next error").click()
    expect(tab.frame.get_by_text("No further one")).to_be_visible(timeout=PATIENCE_MS)
    tab.frame.get_by_label("Find in the log").fill("step 0000007")
    tab.button("Next").click()
    expect(marked).to_contain_text("step 0000007", timeout=PATIENCE_MS)
    tab.button("To the end").click()
    expect(log.get_by_text(f"step {LONG_LINES - 1:07}")).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.parametrize("wrap", [False, True])
def test_a_line_of_a_hundred_kilobytes_is_cut_opened_and_found_in(tab: TabPage, files: FileStore, wrap: bool) -> None:
    tab.open(page="run", run=files.ids["long"], panel="logs")
    log = tab.frame.get_by_role("log")
    tab.frame.get_by_label("Wrap").set_checked(wrap)
    rest = log.get_by_role("button", name="more characters")
    expect(rest).to_be_visible(timeout=PATIENCE_MS)
    rest.click()
    expect(rest).to_have_count(0)
    assert len(log.get_by_text("dump x").inner_text()) == LONG_LETTERS
    tab.button("To the end").click()
    tab.frame.get_by_label("Find in the log").fill("end!")
    tab.button("Next").click()
    expect(log.locator(".marked mark")).to_have_text("end!", timeout=PATIENCE_MS)


def test_images_of_several_runs_stand_side_by_side_at_one_step(tab: TabPage, files: FileStore) -> None:
    tab.open(page="compare", runs="\n".join(files.ids[seed] for seed in SEEDS))
    images = tab.frame.get_by_role("region", name="Images side by side")
    figures = images.get_by_role("figure", name=re.compile("^samples of"))
    expect(figures).to_have_count(len(SEEDS), timeout=PATIENCE_MS)
    expect(figures.locator("figcaption small")).to_have_text(["step 30", "step 20", "step 10"])
    images.get_by_role("slider").focus()
    tab.page.keyboard.press("ArrowLeft")
    expect(figures.locator("figcaption small")).to_have_text(["step 20", "step 20", "step 10"])
    figures.nth(1).get_by_role("button").click()
    viewer = tab.frame.get_by_role("dialog", name="samples")
    expect(viewer.locator("img")).to_have_count(len(SEEDS))
    tab.page.keyboard.press("ArrowLeft")
    expect(viewer.locator("figcaption small")).to_have_text(["step 10"] * 3)
    for _ in range(3):
        tab.page.keyboard.press("+")
    stages = viewer.locator(".stage")
    stages.first.evaluate("(stage) => stage.scrollTo(77, 55)")
    for stage in stages.all():
        expect(stage).to_have_js_property("scrollTop", 55)
        expect(stage).to_have_js_property("scrollLeft", 77)
    assert tab.findings() == []
    tab.page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)


def test_a_curve_is_gone_through_zoomed_and_moved_by_keys_and_mouse(tab: TabPage, files: FileStore) -> None:
    tab.open(page="run", run=files.ids["nodes"], panel="metrics")
    tab.frame.get_by_label("Axis").select_option("step")
    card = tab.frame.get_by_role("article", name="gaps")
    plot, hover, keys = card.locator(".plot"), card.locator(".hover"), tab.page.keyboard
    expect(card).to_contain_text("100 points, 3 NaN or infinite", timeout=PATIENCE_MS)
    plot.focus()
    keys.press("ArrowLeft")
    expect(hover).to_contain_text("step 99")
    keys.press("ArrowLeft")
    expect(hover).to_contain_text("step 98")
    for _ in range(2):
        keys.press("0")
        keys.press("+")
        expect(card).to_contain_text(re.compile(r"^\D*(49|50|51) points"))
    keys.press("Shift+ArrowLeft")
    expect(card).to_contain_text("3 NaN or infinite")
    for _ in range(5):  # no further than to the beginning
        keys.press("Shift+ArrowLeft")
    with tab.page.expect_response(re.compile("api/curves")):
        keys.press("Shift+ArrowLeft")
    # It is drawn anew for each answer, and may be away for a moment.
    box = next(filter(None, (card.locator(".u-over").bounding_box() for _ in range(50))))

    def told(x: float) -> str:
        for y in (50, 60):
            tab.page.mouse.move(box["x"] + x, box["y"] + y)
        return hover.locator("div").first.inner_text()

    for x, steps in ((1, {"step 0"}), (box["width"] - 1, {"step 49", "step 50"})):
        assert wait_until(lambda x=x, steps=steps: told(x) in steps, PATIENCE_MS / 1000)  # type: ignore[misc]
    keys.down("Shift")
    tab.page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 50)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 50, steps=3)
    tab.page.mouse.up()
    keys.up("Shift")
    assert wait_until(lambda: told(1) in {"step 19", "step 20", "step 21"}, PATIENCE_MS / 1000)
    keys.press("-")
    expect(card).to_contain_text("100 points")
    expect(card.get_by_role("button", name="Whole curve")).to_have_count(0)


@pytest.mark.parametrize("axis", ["step", "relative", "wall"])
def test_what_is_no_number_and_what_is_below_zero_is_drawn_on_every_axis(
    tab: TabPage, files: FileStore, axis: str
) -> None:
    tab.open(page="run", run=files.ids["nodes"], panel="metrics")
    tab.frame.get_by_label("Axis").select_option(axis)
    tab.frame.get_by_label("Log scale").check()
    for name, told in (("signs", "100 points"), ("nothing", "3 NaN or infinite"), ("long", "1 NaN or infinite")):
        card = tab.frame.get_by_role("article", name=name)
        expect(card).to_contain_text(told, timeout=PATIENCE_MS)
        expect(card.locator(".u-over")).to_be_visible()
    gaps = tab.frame.get_by_role("article", name="gaps")
    gaps.locator(".plot").focus()
    for _ in range(40):
        tab.page.keyboard.press("ArrowLeft")
    expect(gaps.locator(".hover")).to_contain_text("NaN or infinite")
    tab.page.keyboard.press("+")
    expect(gaps.get_by_role("button", name="Whole curve")).to_be_visible()
    expect(gaps.locator(".hover")).to_be_hidden()


def test_nothing_that_a_run_wrote_acts_in_any_panel(tab: TabPage, files: FileStore) -> None:
    got: list[str] = []  # what a policy has kept from being asked is not among them
    tab.page.on("response", lambda answer: got.append(answer.url))
    run = files.ids["hostile"]
    names = sorted(path.name for path in files.path("hostile", "").iterdir() if path.is_file())
    assert len(names) == 8
    views = [("overview", ""), ("images", ""), ("logs", ""), ("tables", "table.json"), ("tables", "rows.csv")]
    views += [("text", "text:notes.md"), ("text", "html:page.html"), *(("artifacts", name) for name in names)]
    tab.open(page="run", run=run)
    for panel, item in views:
        tab.go(page="run", run=run, panel=panel, item=item)
        expect(tab.frame.get_by_role("tab", selected=True)).to_have_attribute("id", f"tab-{panel}", timeout=PATIENCE_MS)
        expect(tab.frame.locator("[aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)
        hacked = [frame.evaluate("window.hacked") for frame in tab.page.frames if "page.html" not in frame.url]
        assert set(hacked) == {None}, (panel, item)
        forms = (
            "document.querySelectorAll('.panel form:not(.find), .panel iframe:not(.foreign), .panel [onerror]').length"
        )
        assert tab.evaluate(forms) == 0, (panel, item)
        assert tab.findings() == [], (panel, item)
        assert not tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert [url for url in got if not url.startswith((tab.board.url, "data:", "blob:"))] == []
    assert not any(url.endswith("/x") for url in got)
