"""What Python itself makes of names, lists, dicts, classes and functions: the reader of programs agrees, or refuses.

Each program binds ``s``; Python runs it here, which the reader never does.
"""

from typing import Any

import pytest

from initport.ir.initializers import RandomNormal, Unsupported
from tests.program.reading import reading

HEAD = "import tensorflow as tf\n"
TAIL = "\nw = tf.get_variable('w', [3, 4], initializer=tf.random_normal_initializer(stddev=s))\n"

FOLLOWED = """
l = [0.1, 0.2]
l[0] = 0.4
s = l[0]
---
l = [0.1, 0.2]
m = l
m[0] = 0.4
s = l[0]
---
l = [0.1, 0.2]
l.insert(0, 0.4)
s = l[0]
---
l = [0.1, 0.2]
l.reverse()
s = l[0]
---
l = [0.1, 0.2]
l.pop(0)
s = l[0]
---
l = [0.1, 0.2]
del l[0]
s = l[0]
---
l = [0.1, 0.2]
l += [0.5]
s = l[-1]
---
l = [0.1, 0.2]
l = l * 2
l[1] = 0.6
s = l[3]
---
l = [[0.1]] * 2
l[0][0] = 0.5
s = l[1][0]
---
l = [0.1, 0.2, 0.3]
s = l[1:][0]
---
l = [0.1]
l.clear()
l.append(0.6)
s = l[0]
---
d = {"a": 0.1}
d.pop("a")
d["a"] = 0.3
s = d["a"]
---
d = {"a": 0.1, "b": 0.2}
x = d.pop("a")
s = d.get("a", 0.5)
---
d = {"a": 0.1}
del d["a"]
s = d.get("a", 0.5)
---
d = {"a": 0.1}
d.clear()
s = d.get("a", 0.5)
---
d = {"a": 0.1}
e = dict(d)
e["a"] = 0.4
s = d["a"]
---
d = {"a": 0.1}
e = d
e["a"] = 0.4
s = d["a"]
---
d = {"a": {"b": 0.1}}
e = dict(d)
e["a"]["b"] = 0.4
s = d["a"]["b"]
---
d = {"a": 0.1, **{"a": 0.4}}
s = d["a"]
---
d = {**{"a": 0.4}, "a": 0.1}
s = d["a"]
---
d = dict(a=0.1)
d |= {"a": 0.3}
s = d["a"]
---
d = {"a": 0.1}
k = "a"
d[k] = 0.4
s = d["a"]
---
def f(d):
    d["a"] = 0.4
d = {"a": 0.1}
f(d)
s = d["a"]
---
def f(l):
    l[0] = 0.4
l = [0.1]
f(l)
s = l[0]
---
class C:
    s = 0.1
C.s = 0.4
s = C.s
---
class C:
    s = 0.1
class D(C):
    pass
C.s = 0.4
s = D.s
---
class C:
    s = 0.1
    def set(self):
        self.s = 0.4
c = C()
c.set()
s = c.s
---
class C:
    s = 0.1
    def set(self):
        type(self).s = 0.4
C().set()
s = C.s
---
class C:
    s = 0.1
    def set(self):
        self.__class__.s = 0.4
C().set()
s = C.s
---
class C:
    s = 0.1
    @classmethod
    def set(cls):
        cls.s = 0.4
C.set()
s = C.s
---
class C:
    def __init__(self):
        self.s = 0.1
c = C()
setattr(c, "s", 0.4)
s = c.s
---
class C:
    def __init__(self):
        self.s = 0.1
c = C()
c.__dict__["s"] = 0.4
s = c.s
---
class C:
    def __init__(self):
        self.s = 0.1
c = C()
vars(c).update(s=0.4)
s = c.s
---
class C:
    def __init__(self, **k):
        self.__dict__.update(k)
c = C(s=0.4)
s = c.s
---
class C:
    s = 0.1
    def __init__(self, **k):
        for a, b in k.items():
            setattr(self, a, b)
c = C(s=0.4)
s = c.s
---
class C(dict):
    s = 0.1
c = C(s=0.4)
s = c.s
---
class C:
    @property
    def s(self):
        return 0.4
s = C().s
---
def f(x=[]):
    x.append(0.1 * (len(x) + 1))
    return x[-1]
f()
s = f()
---
d = 0.1
def f(x=d):
    return x
d = 0.6
s = f()
---
d = 0.1
f = lambda x=d: x
d = 0.6
s = f()
---
d = 0.1
def f(x):
    return d
d = 0.6
s = f(1)
---
def f(*, x=0.2, **k):
    return k.get("y", x)
s = f(y=0.5)
---
def f(a, *b, c=0.3):
    return b[0] if b else c
s = f(1, 0.8)
---
def f(a, /, b=0.3):
    return b
s = f(1, b=0.8)
---
s = 0.1
try:
    s = 0.2
finally:
    s = 0.5
---
for s in [0.1, 0.3]:
    pass
---
for s in [0.1, 0.3]:
    if s > 0.05:
        break
---
for s in [0.1, 0.3]:
    continue
else:
    s = 0.8
---
i = 0
s = 0.1
while i < 3:
    s += 0.1
    i += 1
---
s = 0.1
for i in range(3):
    s *= 2
---
s = 0.1
t = [s := 0.4]
---
s = [x for x in (0.1, 0.2, 0.3) if x > 0.15][0]
---
s = sum([0.1, 0.2])
---
s = max(0.1, 0.3)
---
s = dict(zip("ab", (0.1, 0.2)))["b"]
---
a, b = 0.1, 0.2
a, b = b, a
s = a
---
a = b = 0.1
a = 0.4
s = b
---
s = 0.1
def f():
    s = 0.5
f()
---
s = 0.1
def f():
    global s
    s = 0.5
f()
---
s = 0.1
def f():
    global s
    s = 0.5
---
def o():
    s = 0.1
    def i():
        nonlocal s
        s = 0.5
    i()
    return s
s = o()
---
s = 0.1
globals()["s"] = 0.4
---
s = 0.1
globals().update(s=0.4)
---
s = 0.1
locals()["s"] = 0.4
---
s = 0.1
vars()["s"] = 0.4
---
s = 0.1 if not [] else 0.4
---
s = [] or 0.3
---
s = 0 or 0.3
---
s = 0.2 and 0.3
---
s = 0.1
s = s if "a" in "abc" else 0.5
---
s = {True: 0.1, False: 0.4}[2 > 1]
---
s = [0.1, 0.4][-1]
---
s = 1e-1
---
s = 2**-2
---
s = abs(-0.3)
---
s = (lambda *a: a[1])(0.1, 0.4)
---
import functools
s = functools.reduce(lambda a, b: a + b, [0.1, 0.2, 0.3])
---
import functools
s = functools.partial(lambda a, b=0.2: a * b, 0.5)(b=0.4)
---
import math
s = math.sqrt(0.04)
---
import copy
d = {"a": 0.1}
e = copy.deepcopy(d)
e["a"] = 0.5
s = d["a"]
---
def g():
    yield 0.1
    yield 0.4
s = list(g())[1]
---
class A:
    x = 0.1
    def f(self):
        return self.x
class B(A):
    x = 0.4
s = B().f()
---
class A:
    def f(self):
        return 0.1
class B(A):
    def f(self):
        return super().f() * 3
s = B().f()
---
class A:
    l = []
    def add(self, v):
        self.l.append(v)
A().add(0.1)
A().add(0.4)
s = A.l[1]
---
class A:
    def __init__(self, s=0.1):
        self.s = s
    def __call__(self, k):
        return self.s * k
s = A(0.2)(3)
---
s = 0.1
del s
s = 0.5
---
s = 0.1
assert (s := 0.5)
---
s = 0.1
class K:
    s = 0.5
    t = [s for _ in range(1)]
s = K.t[0]
---
s = 0.1
def f():
    return s
def g():
    s = 0.7
    return f()
s = g()
---
s = 0.1
s = 0.2
---
for i, (a, b) in enumerate([(0.1, 0.2), (0.3, 0.4)]):
    s = b
---
s = 0.1
for _ in range(2):
    s = s + 0.1
    if s > 0.15:
        break
---
s = 0.1
def rec(n):
    return 0.1 if n == 0 else rec(n - 1) + 0.1
s = rec(3)
---
s = [0.1, 0.2, 0.3][::-1][0]
---
s = (0.1,) + (0.2,)
s = s[1]
---
s = isinstance(0.1, float) and 0.6
---
s = 0.1
def f(s=s):
    return s * 2
s = f()
s = f()
""".strip().split("\n---\n")

REFUSED = """
import sys
cfg = {"s": 0.1}
if sys.maxsize > 1:
    cfg["s"] = 0.4
s = cfg["s"]
---
import sys
cfg = {"s": 0.1}
if sys.maxsize > 1:
    cfg.update(s=0.4)
s = cfg["s"]
---
import sys
cfg = {"s": 0.1}
if sys.maxsize < 1:
    cfg.update(s=0.4)
s = cfg["s"]
---
import sys
cfg = {"s": 0.1}
if sys.maxsize < 1:
    cfg.setdefault("t", 0.4)
else:
    cfg.setdefault("t", 0.7)
s = cfg["t"]
---
import sys
l = [0.1]
if sys.maxsize < 1:
    l.append(0.4)
s = l[-1]
---
import sys
l = [0.1]
if sys.maxsize < 1:
    l[0] = 0.4
s = l[0]
---
l = [0.3, 0.2]
l.sort()
s = l[0]
---
l = [0.1, 0.2, 0.3]
l[:2] = [0.7]
s = l[0]
---
l = [0.1, 0.2]
l.extend([0.9])
l.remove(0.1)
s = l[0]
---
d = dict(a=0.1) | dict(a=0.6)
s = d["a"]
---
class C:
    s = 0.1
    def __getattr__(self, n):
        return 0.7
c = C()
s = c.t
---
class C:
    def __getattribute__(self, n):
        return 0.7
    s = 0.1
s = C().s
---
class C:
    s = 0.1
    def __getitem__(self, k):
        return 0.7
s = C()["x"]
---
class C:
    _s = 0.1
    @property
    def s(self):
        return self._s
    @s.setter
    def s(self, v):
        self._s = v * 2
c = C()
c.s = 0.3
s = c.s
---
try:
    s = 0.1
except ImportError:
    s = 0.4
---
try:
    s = 0.1
except ImportError:
    s = 0.4
else:
    s = 0.6
---
s = {k: v for k, v in [("a", 0.1), ("a", 0.3)]}["a"]
---
s = 0.1
exec("s=.4")
---
s = (0.1, 0.4)[2 > 1]
---
s = float(".3")
---
s = eval(".3")
---
s = int(3.7) / 10
---
s = 7 // 2 / 10
---
s = -7 // 2 / -10
---
s = 7 % 4 / 10
---
s = -7 % 4 / 10
---
s = round(0.25, 1)
---
s = 10 / 4 / 10
---
s = 1_0 / 100
---
s = 0x10 / 100
---
import math
s = math.floor(3.7) / 10 + math.ceil(0.2) / 10
---
import collections
d = collections.OrderedDict(a=0.1)
d["a"] = 0.4
s = d["a"]
---
import collections
d = collections.defaultdict(lambda: 0.3)
s = d["x"]
---
import collections
P = collections.namedtuple("P", "a b")
s = P(0.1, 0.4).b
---
import collections
P = collections.namedtuple("P", "a b")
s = P(0.1, 0.4)._replace(b=0.7).b
---
def g():
    yield 0.1
    yield 0.4
s = next(g())
---
class M(type):
    s = 0.6
class A(metaclass=M):
    pass
s = A.s
---
class A:
    def __init__(self, s=0.1):
        self.s = s
    def __add__(self, o):
        return A(self.s + o.s)
s = (A(0.2) + A(0.3)).s
---
class A:
    def __enter__(self):
        return 0.4
    def __exit__(self, *a):
        pass
with A() as s:
    pass
---
def deco(f):
    return lambda: 0.6
@deco
def f():
    return 0.1
s = f()
---
match 3:
    case 1:
        s = 0.1
    case 3 | 4:
        s = 0.4
    case _:
        s = 0.7
---
match {"k": 0.3}:
    case {"k": s}:
        pass
---
fs = [lambda: i / 10 for i in range(1, 4)]
s = fs[0]()
---
fs = []
for i in (1, 2, 3):
    def f():
        return i / 10
    fs.append(f)
s = fs[0]()
---
fs = [lambda i=i: i / 10 for i in range(1, 4)]
s = fs[0]()
---
s = " .3 "
s = float(s.strip())
---
s = float("%.1f" % 0.44)
---
s = len("abc") / 10
---
s = float("0" + "." + "4")
---
s = "0.1,0.4".split(",")
s = float(s[1])
---
x = [0.1, 0.2, 0.3]
*a, s = x
---
x = iter([0.1, 0.2, 0.3])
next(x)
s = next(x)
---
s = sorted([0.3, 0.1, 0.2])[0]
---
s = sorted([0.3, 0.1, 0.2], reverse=True)[0]
---
s = sorted([0.3, 0.1], key=lambda v: -v)[0]
---
s = list(filter(lambda v: v > 0.15, [0.1, 0.2]))[0]
---
s = any([0, 0.1]) and 0.3
---
s = min([0.4, 0.2], key=lambda v: -v)
---
s = list({0.1: 1, 0.2: 2})[1]
---
s = str(0.3)
s = float(s)
---
s = [0.1, 0.2].index(0.2) / 10 + 0.1
---
s = bool(0.1) * 0.3
---
s = divmod(7, 2)[1] / 10
---
s = pow(0.5, 2)
---
import sys

s = 0.1
if sys.maxsize < 1:
    s = 0.4
""".strip().split("\n---\n")


def initializer(program: str) -> object:
    (layer,) = reading(HEAD + program + TAIL).model.layers
    return layer.weights[0].initializer


def bound(program: str) -> float:
    """What Python binds to ``s``."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(program, names)
    return float(names["s"])


@pytest.mark.parametrize("program", FOLLOWED)
def test_a_value_is_that_which_python_has(program: str) -> None:
    found = initializer(program)
    assert isinstance(found, RandomNormal)
    assert found.stddev.evaluate({}) == pytest.approx(bound(program), abs=1e-12)


@pytest.mark.parametrize("program", REFUSED)
def test_a_value_that_is_not_followed_is_refused(program: str) -> None:
    """One that gets there is right, too."""
    found = initializer(program)
    if not isinstance(found, Unsupported):
        assert isinstance(found, RandomNormal)
        assert found.stddev.evaluate({}) == pytest.approx(bound(program), abs=1e-12)
