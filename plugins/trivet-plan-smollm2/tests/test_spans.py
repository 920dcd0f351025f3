import pytest

from trivet_plan_smollm2.words.spans import arithmetic, read_goal, stretches


@pytest.mark.parametrize(
    ("goal", "paths"),
    [
        ("How warm was it? (daily.csv, 2 decimals)", ("daily.csv",)),
        ("Save the table to out/mass.csv.", ("out/mass.csv",)),
        ("把结果保存到out/表.csv", ("out/表.csv",)),
        ("compare a b/c d.csv with e.g. nothing", ("a b/c d.csv",)),
        ("look at www.example.com", ()),
    ],
)
def test_paths_are_recognised_as_people_write_them(goal: str, paths: tuple[str, ...]) -> None:
    assert read_goal(goal, ["a b/c d.csv"]).paths == paths


def test_known_file_names_are_found_inside_chinese_sentences() -> None:
    assert read_goal("请统计文档/器材.csv里的行数", ["文档/器材.csv"]).paths == ("文档/器材.csv",)


@pytest.mark.parametrize(
    ("goal", "dates", "periods"),
    [
        ("between 24 May 2025 and June 3rd, 2025", ("2025-05-24", "2025-06-03"), ()),
        ("on 2024/1/9 or 09.02.2024", ("2024-01-09", "2024-02-09"), ()),
        ("in March 2023", (), ("2023-03",)),
        ("during 2014", (), ("2014",)),
        ("2025年5月24日", ("2025-05-24",), ()),
        ("on 31 February 2024", (), ("2024-02",)),
    ],
)
def test_dates_become_iso(goal: str, dates: tuple[str, ...], periods: tuple[str, ...]) -> None:
    spans = read_goal(goal)
    assert set(spans.dates) == set(dates)
    assert spans.periods == periods


def test_numbers_are_read_from_digits_separators_and_words() -> None:
    assert read_goal("1,234.5 apples, twelve pears and 7 plums").numbers == (1234.5, 7.0, 12.0)


def test_digits_inside_paths_and_dates_are_no_numbers() -> None:
    assert read_goal("rows of q3/2024.csv since 2024-05-06").numbers == ()


def test_quotations_are_kept_whole() -> None:
    assert read_goal("write 'see you at noon' into \"a file\"").quoted == ("see you at noon", "a file")


def test_stretches_do_not_cross_punctuation() -> None:
    found = stretches("heavy boats, light oars")
    assert "heavy boats" in found
    assert not any("," in text for text in found)


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        ("18.5% of 2,360", "18.5% of 2360"),
        ("What is (3 + 4) * 2?", "(3 + 4) * 2"),
        ("what is the mean of 3 and 4", ""),
        ("", ""),
        ("...", ""),
    ],
)
def test_a_goal_that_is_a_sum_is_its_own_expression(goal: str, expression: str) -> None:
    assert arithmetic(goal) == expression


@pytest.mark.parametrize(
    ("goal", "urls"),
    [
        ("看看http://127.0.0.1:8000/价格.json里8个螺栓多少钱？", ("http://127.0.0.1:8000/价格.json",)),
        ("看http://127.0.0.1:8000里有什么", ("http://127.0.0.1:8000",)),
        ("（见http://10.0.0.1:81/a.csv）、http://x.cn看", ("http://10.0.0.1:81/a.csv", "http://x.cn")),
        ("http://127.0.0.1:8000/价格表/四月.csv中的总数", ("http://127.0.0.1:8000/价格表/四月.csv",)),
        ("打开 https://example.cn/新闻，看看", ("https://example.cn/新闻",)),
        ("打开“http://例子.中国/页面”！", ("http://例子.中国/页面",)),
        ("get https://docs.python.org/3/whatsnew/3.11.html。", ("https://docs.python.org/3/whatsnew/3.11.html",)),
        ("https://example.cn/找?词=二.三月", ("https://example.cn/找?词=二.三月",)),
    ],
)
def test_address_ends_where_a_sentence_without_blanks_goes_on(goal: str, urls: tuple[str, ...]) -> None:
    assert read_goal(goal).urls == urls
