"""Names of bodies: as clerks write them, and what must not be taken for one of them."""

import pytest

from minsheng_core import Names, load_scheme
from minsheng_core.scheme.model import Body

NAMES = Names(load_scheme("2023").bodies)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("沩山乡", "430182218"), ("浏山乡", "430182218"), ("溈山乡", "430182218"), ("沩山", "430182218"), ("宁乡市沩山乡人民政府", "430182218"),
        ("城 郊 街 道", "430182004"), ("城郊街道办事处", "430182004"), ("城郊街道办", "430182004"), ("玉潭", "430182001"), ("宁乡县玉潭镇", "430182001"),
        ("双鳧鋪镇", "430182110"), ("市人社局", "hrss"), ("宁乡市", "city"),
    ],
)  # fmt: skip
def test_names_as_clerks_write_them(written, code):
    assert NAMES.resolve(written).id == code


@pytest.mark.parametrize("written", ["浏阳市", "浏阳", "灰汤乡镇", "", "镇", "岳麓区", "道林镇镇"])
def test_never_the_nearest_name(written):
    assert NAMES.resolve(written) is None


def test_suggestions_are_only_suggestions():
    assert "灰汤镇" in NAMES.suggest("灰烫镇")
    assert NAMES.resolve("灰烫镇") is None


def test_a_name_that_two_bodies_share_stands_for_neither():
    names = Names([Body(id="1", name="甲镇", kind="镇", aliases=("老镇",)), Body(id="2", name="乙镇", kind="镇", aliases=("老镇",))])
    assert names.resolve("老镇") is None
    assert names.ambiguous() == ("老镇",)


def test_an_endless_name_is_nobodys():
    assert NAMES.resolve("宁乡市" * 2000) is None
