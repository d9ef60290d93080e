"""Expressions written to hang, to fill the memory or to reach Python; each is run in a process of its own.

python -m tests.engine.feel.hostile        prints a line of JSON for each: name, seconds, megabytes, outcome
"""

from __future__ import annotations

import json
import os
import resource
import time

from engine import feel

# A list that holds itself twice, sixty times over: 2 ** 60 items for whoever walks through it.
_DOUBLED = "{f: function(x, n) if n = 0 then x else f([x, x], n - 1), r: %s}.r"

HOSTILE: dict[str, str] = {
    "long loop": "for a in 1..100000, b in 1..100000 return a*b",
    "nested loop": "for a in 1..1000 return for b in 1..1000 return for c in 1..1000 return 1",
    "sum loop": "sum(for i in 1..100000000 return i)",
    "some loop": "some x in 1..1000000000 satisfies x < 0",
    "every nested": "every x in 1..1000000000, y in 1..1000000000 satisfies x > 0",
    "big range list": "count(for i in 1..10000000 return i)",
    "date range": 'count(for i in @"-99999-01-01"..@"99999-01-01" return i)',
    "power": "9**9**9**9",
    "power2": "9**999999999",
    "power3": "0.99999999**9999999999999",
    "power4": "1.0000000001**(10**30)",
    "power5": "(10**6000)**0.0000001",
    "power6": "1e6000*1e6000",
    "exp": "exp(1e6000)",
    "log": "log(1e-6000)",
    "exp2": "exp(14000)",
    "sum decimals": "sum(for i in 1..100000 return 1/3)",
    "exp loop": "for i in 1..100000 return exp(i/7)",
    "power loop": "for i in 1..100000 return i**0.3333",
    "log loop": "for i in 1..100000 return log(i)",
    "double string": '{f: function(s, n) if n = 0 then s else f(s + s, n - 1), r: string length(f("aaaaa", 60))}.r',
    "many strings": '{s: repeat("x", 900000), r: for i in 1..100000 return s + "y"}.r',
    "string of list": '{s: repeat("x", 900000), r: string(for i in 1..10000 return s)}.r',
    "join": 'string join(for i in 1..10000 return repeat("x",1000))',
    "join2": '{s: repeat("x", 900000), r: for i in 1..100000 return string join([s],"")}.r',
    "upper": '{s: repeat("x", 900000), r: for i in 1..100000 return upper case(s)}.r',
    "contains": '{s: repeat("a", 900000), r: for i in 1..100000 return contains(s, "b")}.r',
    "contains2": '{s: repeat("a", 900000), t: repeat("a",400000) + "b" + repeat("a",400000),'
    " r: for i in 1..1000 return contains(s, t)}.r",
    "trim": '{s: repeat(" ", 900000), r: for i in 1..100000 return trim(s+"a")}.r',
    "substring": '{s: repeat("a", 900000), r: for i in 1..100000 return substring(s, 2)}.r',
    "recursion": "{f: function(n) f(n+1), r: f(0)}.r",
    "recursion2": "{f: function(n) f(n+1) + f(n+1), r: f(0)}.r",
    "fib": "{f: function(n) if n < 2 then n else f(n-1)+f(n-2), r: f(90)}.r",
    "y": "(function(f) f(f))(function(f) f(f))",
    "nesting": "(" * 4900 + "1" + ")" * 4900,
    "nesting2": "[" * 4000 + "]" * 4000,
    "nesting3": "-" * 9000 + "1",
    "nesting4": "not(" * 1900 + "true" + ")" * 1900,
    "nesting5": "if true then " * 700 + "1",
    "nest ctx": "{a:" * 2000 + "1" + "}" * 2000,
    "chain": "+".join(["1"] * 4900),
    "chain and": " and ".join(["true"] * 1100),
    "chain cmp": "=".join(["1"] * 4900),
    "chain path": "a" + ".a" * 4900,
    "chain filter": "a" + "[1]" * 3000,
    "chain call": "f" + "()" * 4900,
    "chain **": "**".join(["2"] * 3300),
    "chain in": "1" + " in 1" * 1900,
    "list": "[" + "1," * 4900 + "1]",
    "elses": "if a = 1 then 2 else " * 400 + "3",
    "ranges": "[1.." * 2000,
    "ranges2": "[1..5[" * 1500,
    "ranges3": "]1..5[" * 1500,
    "range filter": "[1..5[[1..5[" * 800,
    "comments": "/*" * 5000,
    "comments2": "//" * 5000,
    "strings": '"' * 9999,
    "escapes": '"' + "\\u0041" * 1600 + '"',
    "cmp chain and": " and ".join(["a=1"] * 1200),
    "contexts": "{" + ",".join(f"a{i}:1" for i in range(1200)) + "}",
    "json": 'from json(repeat("[", 900000))',
    "json big": 'count(from json("[" + repeat("1,", 400000) + "1]"))',
    "json of": _DOUBLED % "to json(f(1, 60))",
    "json digits": 'from json(repeat("1", 900000))',
    "redos": 'matches(repeat("a",100000)+"b", "(a+)+$")',
    "redos2": 'matches(repeat("a",30), "(a|a)*b")',
    "redos3": 'replace(repeat("a",100000), "(.*)*x", "")',
    "re big": 'matches("a","((a{1,100}){1,100}){1,100}")',
    "re size": 'matches(repeat("a",900000), "(x+x+)+y")',
    "re nested": 'matches("a", "' + "(" * 1900 + ")" * 1900 + '")',
    "replace grow": '{s: repeat("a",900000), r: replace(s,"a","' + "b" * 1000 + '")}.r',
    "split": 'count(split(repeat("a,",450000), ","))',
    "replace many": 'string length(replace(repeat("ab",450000), "a", "$0$0"))',
    "extract": 'count(extract(repeat("ab ",300000),"[a-z]+"))',
    "many patterns": 'for i in 1..100000 return matches("abc", string(i) + ".*")',
    "re loop": '{s: repeat("a", 900000), r: for i in 1..100000 return matches(s, "b")}.r',
    "internals": "().__class__.__base__.__subclasses__()",
    "internals2": '"".__class__',
    "internals3": 's.get("x")',
    "internals4": '__import__("os").system("true")',
    "internals5": "{a: function(x) x}.a.__globals__",
    "internals6": "now().__class__",
    "fmt": '"{0.__class__}"',
    "globals": "QUIET",
    "globals2": "[Runtime, r, s, K1, f1, t1, call]",
    "flatten": "count(flatten(for i in 1..1000 return for j in 1..1000 return j))",
    "distinct": "count(distinct values(for i in 1..20000 return [i]))",
    "index of": "for i in 1..10000 return index of(for j in 1..10000 return j, i)",
    "sort": "sort(for i in 1..500000 return modulo(i*7919, 1000003))",
    "sort fn": "sort(for i in 1..100000 return modulo(i*7919, 1000003), function(a,b) a<b)",
    "sort strings": '{s: repeat("a",900000), r: sort(for i in 1..1000 return s + string(i))}.r',
    "concat": "{f: function(l,n) if n=0 then l else f(concatenate(l,l), n-1), r: count(f([1], 60))}.r",
    "concat loop": "{l: for i in 1..300000 return i, r: for i in 1..100000 return append(l, i)}.r",
    "partial": "count(for i in 1..100000 return partial)",
    "partial2": "count(for i in 1..10000 return concatenate(partial, [1]))",
    "ctx put": 'for i in 1..100000 return context put({a:1}, "b", i)',
    "eq lists": "{l: for i in 1..300000 return i, r: for i in 1..100000 return l = l}.r",
    "eq nested": "{a: for i in 1..1000 return for j in 1..300 return j, r: for k in 1..10000 return a = a}.r",
    "deep eq": "{f: function(x,n) if n=0 then x else f([x], n-1), r: f(1, 99) = f(1,99)}.r",
    "dag": "{f: function(x,n) if n=0 then x else f([x,x], n-1), a: f(1, 60), r: a = a}.r",
    "dag string": _DOUBLED % "string(f(1, 60))",
    "dag value": _DOUBLED % "f(1, 60)",
    "dag flatten": _DOUBLED % "count(flatten(f(1, 60)))",
    "dag instance": _DOUBLED % ("f(1, 60) instance of " + "list<" * 19 + "number" + ">" * 19),
    "dag path": _DOUBLED % "f({b:1}, 60).b",
    "dag distinct": _DOUBLED % "distinct values([f(1, 60), f(1,60)])",
    "dag min": _DOUBLED % "list contains([f(1, 60)], f(1,60))",
    "filter": "(for i in 1..300000 return i)[item > 5][item > 6][item > 7][item > 8]",
    "filter names": "[1]" + "[x]" * 50,
    "nested filters": "[1]" + "[[1]" * 40 + "[true]" + "]" * 40,
    "decimal digits": "0." + "1" * 9000,
    "digits": "1" * 9000,
    "exponent": "1e999999999",
    "number()": 'number("1e999999999")',
    "num2": 'number(repeat("1", 900000))',
    "decimal scale": "decimal(1/3, 6176)",
    "string number": "string(1e6000)",
    "string numbers": "for i in 1..100000 return string(1e6000)",
    "duration": 'duration("P99999999999999999999999999999999999999D") * 1e30',
    "dt": 'date and time("2020-01-01T00:00:00") + duration("P999999999999999999999D")',
    "date": 'date(999999999,12,31) + duration("P1D")',
    "dur loop": 'for i in 1..100000 return now() + @"PT1H" * i',
    "zones": 'for i in 1..100000 return date and time("2020-01-01T00:00:00@Europe/Berlin") + @"PT1H" * i',
    "zones2": 'date and time("2020-01-01T00:00:00@../../etc/passwd")',
    "stddev": "stddev(for i in 1..200000 return i/7)",
    "median": "median(for i in 1..500000 return -i)",
    "mode": "mode(for i in 1..300000 return i)",
    "product": "product(for i in 1..300000 return i)",
    "repeat": 'repeat("a", 1e9)',
    "repeat loop": 'count(for i in 1..100000 return repeat("a", 100000))',
    "lots of temp": "for i in 1..1000000 return {a:i,b:i,c:[i,i,i,i]}",
    "list literal loop": "for i in 1..1000000 return [" + ",".join(["i"] * 100) + "]",
    "base64": 'for i in 1..1000 return to base64(repeat("a",900000))',
    "range list": "count([1..100000000])",
    "in range loop": "5 in [1..100000000]",
    "partition": "count(partition(for i in 1..500000 return i, 1))",
    "union": "union(for i in 1..300000 return i, for i in 1..300000 return i)",
    "uuid": "for i in 1..100000 return uuid()",
}


def measure(text: str) -> dict[str, object]:
    """Evaluate in this process: CPU seconds, growth of memory in megabytes, and what came of it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    try:
        evaluation = feel.compile(text).evaluate({"a": {}})
        outcome = "stopped" if evaluation.exceeded else "null" if evaluation.value is None else "value"
    except feel.FeelSyntaxError:
        outcome = "refused"
    seconds = time.process_time() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"seconds": seconds, "megabytes": grown, "outcome": outcome}


def main() -> None:
    for name, text in HOSTILE.items():
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
            print(json.dumps({"name": name, **measure(text)}), flush=True)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
