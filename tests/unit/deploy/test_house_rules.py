"""The rules that `make lint` runs on our own files: each is broken by a small made-up house."""

import pytest

from deploy.house_rules import RULES, WARNINGS, findings, read, report, stem

LONG = "x = 1\n" * 40


def broken(sources, rules=RULES):
    return [(one.rule, one.where, one.said) for one in findings(read(sources), rules)]


@pytest.mark.parametrize(
    ("path", "source", "rules"),
    [
        pytest.param("services/roster/utils.py", "", ["name"], id="a name that says nothing"),
        pytest.param("tests/helpers.py", "", ["name"], id="of tests too"),
        pytest.param("deploy/a.py", "def f():\n" + "    x = 1\n" * 49, [], id="a function as long as may be"),
        pytest.param("deploy/a.py", "async def f():\n" + "    x = 1\n" * 50, ["function"], id="a function too long"),
        pytest.param("tests/test_a.py", "def f():\n" + "    x = 1\n" * 50, [], id="tests may be longer"),
    ],
)
def test_one_file(path, source, rules):
    assert [rule for rule, *_ in broken({path: source})] == rules


@pytest.mark.parametrize(
    ("path", "lines", "warnings"),
    [("shared/kafka.py", 400, 0), ("shared/kafka.py", 401, 1), ("tests/test_kafka.py", 401, 0)],
)
def test_a_long_file_is_a_warning_and_breaks_nothing(path, lines, warnings):
    house = {path: "x = 1\n" * lines}

    assert len(broken(house, WARNINGS)) == warnings
    assert broken(house) == []


@pytest.mark.parametrize(("modules", "told"), [(12, 0), (13, 1)])
def test_a_room_of_more_than_twelve_modules(modules, told):
    house = {f"services/roster/m{number}x.py": LONG for number in range(modules)}
    house |= {f"services/roster/{name}.py": "" for name in ("__init__", "__main__")}
    house |= {f"tests/unit/t{number}.py": LONG for number in range(20)}

    assert [(rule, where) for rule, where, _ in broken(house)] == [("room", "services/roster/")] * told


SMALL = "x = 1\n" * 39
READS = "from services.roster.zeros import x\n" + LONG


@pytest.mark.parametrize(
    ("house", "told"),
    [
        pytest.param({"services/roster/zeros.py": SMALL, "services/roster/rows.py": READS}, 1, id="one reader"),
        pytest.param({"services/roster/zeros.py": LONG, "services/roster/rows.py": READS}, 0, id="large enough"),
        pytest.param({"services/roster/zeros.py": SMALL}, 0, id="started by its name"),
        pytest.param(
            {"services/roster/zeros.py": SMALL, "services/roster/rows.py": READS, "services/roster/cells.py": READS},
            0,
            id="two readers",
        ),
        pytest.param(
            {"services/roster/zeros.py": SMALL, "services/roster/rows.py": READS, "tests/unit/zeros.py": READS},
            1,
            id="a test is no reader",
        ),
        pytest.param({"services/roster/zeros.py": SMALL, "services/roster/main.py": READS}, 0, id="put together"),
        pytest.param({"services/roster/zeros.py": SMALL, "deploy/erasing.py": READS}, 0, id="of another part"),
        pytest.param(
            {
                "services/roster/award/rules.py": SMALL,
                "services/roster/rows.py": "from services.roster.award import rules\n" + LONG,
            },
            0,
            id="looked for by its name",
        ),
    ],
)
def test_little_that_one_module_alone_reads(house, told):
    assert [(rule, where) for rule, where, _ in broken(house)] == [("small", "services/roster/zeros.py")] * told


@pytest.mark.parametrize(
    ("back", "told"),
    [
        pytest.param("from shared.plans import a\n", 1, id="by its package"),
        pytest.param("import shared.plans.a\n", 1, id="by its name"),
        pytest.param("def f():\n    from shared.plans.a import x\n", 1, id="later is a circle too"),
        pytest.param("from shared import plans\n", 0, id="the package is not its module"),
    ],
)
def test_a_circle_of_imports(back, told):
    house = {
        "shared/plans/__init__.py": "",
        "shared/plans/a.py": "from shared.plans.b import x\n" + LONG,
        "shared/plans/b.py": "from shared.plans.c import x\n" + LONG,
        "shared/plans/c.py": back + LONG,
    }

    found = broken(house)
    assert [rule for rule, *_ in found] == ["circle"] * told
    assert all(name in found[0][2] for name in ("plans.a", "plans.b", "plans.c") if told)


def test_two_circles_are_told_each():
    house = {
        f"shared/{room}/{one}.py": f"from shared.{room}.{other} import x\n" + LONG
        for room in ("plans", "words")
        for one, other in (("a", "b"), ("b", "a"))
    }

    assert [rule for rule, *_ in broken(house)] == ["circle", "circle"]


def test_two_classes_of_one_name_in_a_service():
    defines = "class Asked:\n    class Inner: ...\n" + LONG
    house = {
        "services/roster/one.py": defines,
        "services/roster/persons/two.py": "class Asked: ...\nclass Other:\n    class Inner: ...\n" + LONG,
        "services/credentials/three.py": defines,
    }

    [(rule, where, said)] = broken(house)
    assert (rule, where) == ("class", "services/roster/")
    assert said == "2 classes Asked: services/roster/one.py, services/roster/persons/two.py"


@pytest.mark.parametrize(
    ("paths", "where"),
    [
        pytest.param(["services/x/catalogue.py", "services/x/cataloguing.py"], "services/x/", id="in one folder"),
        pytest.param(["services/x/a/renewals.py", "services/x/b/renewing.py"], "services/x/", id="in one service"),
        pytest.param(["services/x/approval.py", "services/x/approvals/api.py"], "services/x/", id="file and room"),
        pytest.param(["shared/a/record.py", "shared/a/records.py"], "shared/a/", id="in one room of shared"),
        pytest.param(["shared/a/record.py", "shared/b/records.py"], None, id="in two rooms of shared"),
        pytest.param(["services/x/place.py", "services/y/placing.py"], None, id="in two services"),
        pytest.param(["services/x/a/api.py", "services/x/b/api.py"], None, id="one name in two rooms"),
        pytest.param(["services/x/worklists.py", "services/x/worklists_api.py"], None, id="another word more"),
    ],
)
def test_twins_told_apart_by_grammar(paths, where):
    house = dict.fromkeys(paths, LONG)

    assert [(rule, at) for rule, at, _ in broken(house)] == ([("twin", where)] if where else [])


@pytest.mark.parametrize(
    "alike",
    [
        ("catalogue", "catalogues", "cataloguing"),
        ("celebrating", "celebrations", "celebrate"),
        ("merge", "merging", "merges", "merged"),
        ("bodies", "body"),
        ("enrolment", "enrolled"),
        ("assessment", "assessing"),
        ("run", "running"),
        ("call", "calling"),
    ],
)
def test_words_of_one_stem(alike):
    assert len({stem(word) for word in alike}) == 1


@pytest.mark.parametrize("apart", [("format", "forms"), ("place", "placement"), ("status", "state"), ("use", "user")])
def test_words_that_only_begin_alike(apart):
    assert len({stem(word) for word in apart}) == 2


def test_what_is_not_yet_in_order_is_told_and_fails_nothing():
    house = read({"services/roster/utils.py": LONG, "shared/utils.py": LONG})
    [said, shared, total], fails = report(house, [("name", "services/roster/")])

    assert said.startswith("not yet: services/roster/utils.py: name the file")
    assert shared.startswith("shared/utils.py: name the file")
    assert (total, fails) == ("house rules: 2 files, 1 findings, 1 not yet in order", True)
    assert not report(house, [("name", "services/roster/"), ("name", "shared/")])[1]


def test_a_line_for_what_is_in_order_now_is_to_go():
    lines, fails = report(read({"shared/kafka.py": "x = 1\n" * 401}), [("room", "shared/")])

    assert lines[0].startswith("warning: shared/kafka.py: 401 lines")
    assert lines[1] == "in order now: take ('room', 'shared/') out of NOT_YET"
    assert not fails
