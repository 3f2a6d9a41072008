"""Writes core/src/test/resources/chat-templates/semantics.json: snippets of templates with what
jinja2 makes of them, in the very environment that transformers builds for chat templates.

    python3 -m venv venv && venv/bin/pip install transformers jinja2
    venv/bin/python tools/chat-template-fixtures.py core/src/test/resources/chat-templates/semantics.json

A snippet that jinja2 refuses has "error": true in place of "expected". The clock stands still at
2025-07-10 09:05:03.
"""

import datetime
import json
import sys

import jinja2
import transformers
from transformers.utils.chat_template_utils import _compile_jinja_template

DATA = {
    "s": "Hello, World",
    "empty": "",
    "n": 7,
    "z": 0,
    "r": 2.5,
    "yes": True,
    "no": False,
    "nothing": None,
    "list": [3, 1, 2],
    "words": ["b", "A", "c", "a"],
    "book": {"b": 1, "a": [1, {"k": None}], "C": "x'y"},
    "u": "naïve — 日本語 😀 \"q\"",
    "lines": "one\n\n  two\nthree",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "  Hi there \n", "name": "Ann"},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c1", "function": {"name": "get", "arguments": {"city": "Oslo", "n": 2, "deep": [1.0, True, None]}}}]},
        {"role": "tool", "content": [{"type": "text", "text": "12°"}, {"type": "image"}]},
    ],
}

GROUPS = {
    "white space": [
        "a\n{% if true %}\nb\n{% endif %}\nc\n",
        "a\n  {% if true %}\n  b\n  {% endif %}\nc",
        "a\n  {{ 1 }}\n  {# c #}\nb",
        "a  {# c #}  b",
        "a\n  {#- c -#}  \n b",
        "  {% set x = 1 %}  {{ x }}",
        "a \n {%- if true -%} \n b \n {%- endif -%} \n c",
        "a \n {%+ if true +%} \n b \n {%+ endif +%} \n c",
        "a {{- ' b ' -}} c",
        "a\n\n{{- 1 -}}\n\nb",
        "a\r\nb\r\n{% if true %}\r\nc{% endif %}\r\n",
        "\n\na\n\n",
        "a\n",
        "a\n\n",
        "{% if true %}\n\n x{% endif %}\n\n y",
        "x{% if true %} \n y{% endif %}",
        "\t {% if true %}\t\n\tz{% endif %}",
        "a{% raw %}\n  {{ x }} {% if %}\n{% endraw %}\nb",
        "a {%- raw -%}  {{ x }}  {%- endraw -%} b",
        "{% raw %}\n x\n  {% endraw %}y",
        "{%- for m in [1,2] %}\n  {{- m }}\n{%- endfor %}",
        "{% for m in [1,2] %}\n  {{ m }}\n{% endfor %}",
        "  {%- set a = 1 -%}  \n{{ a }}",
        "{{ '{{' }} {{ '%}' }}{{ '#}' }}",
        "{{ {'a': {'b': 1}}['a']['b'] }}{{ {'x': {}}}}",
        "a\u00a0{%- if 1 %}b{% endif %}",
        "{# multi\nline #}\nb{# x #}{# y #}\nc",
        "{{ 1 }}\n{{ 2 }}\n\n{{ 3 }}\n",
        "{%- if true %}a{% else %}b{% endif -%}\n",
        "{%+ if true %}  a\n  {%- endif +%}  b",
    ],
    "literals": [
        "{{ 'a' \"b\" 'c' }}", "{{ 'it\\'s' }}", "{{ \"q\\\"q\" }}", "{{ 'a\\nb\\tc\\\\d' }}", "{{ '\\x41\\u00e9\\U0001F600' }}",
        "{{ '\\101\\0' }}", "{{ '\\d\\w\\.' }}", "{{ 'é日😀' }}", "{{ 'a\nb' }}",
        "{{ 1_000 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 00 }}", "{{ 1.5 }} {{ 1e3 }} {{ 1.5e-7 }} {{ 1E16 }} {{ 123456789012345680.0 }}",
        "{{ 0.1 + 0.2 }} {{ 1e15 }} {{ 1e22 }} {{ 0.0001 }} {{ 0.00001 }} {{ -0.0 }} {{ 100.0 }}", "{{ 5e-324 }} {{ 1.7976931348623157e308 }}",
        "{{ true }} {{ True }} {{ false }} {{ none }} {{ None }}", "{{ [] }} {{ () }} {{ {} }} {{ (1,) }} {{ (1) }} {{ 1, 2 }}",
        "{{ [1, 'a', none, true, 2.0, [1], (1, 2), {'k': 'v'}] }}", "{{ {'a': 1, 2: 'b', none: 3, 1.5: 4, (1, 2): 5} }}",
        "{{ {1: 'a', 1.0: 'b', true: 'c'} }}", "{{ [1, 2,] }}{{ {'a': 1,} }}", "{{ 99999999999999999999 + 1 }}", "{{ 'a' * 3 }}{{ 2 * 'b' }}{{ [1] * 2 }}{{ 'a' * -1 }}",
    ],
    "operators": [
        "{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }}", "{{ 7 / 2 }} {{ 6 / 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }}",
        "{{ 7.5 // 2 }} {{ -7.5 // 2 }} {{ 7.5 % 2 }} {{ -7.5 % 2 }} {{ 2.0 ** 3 }} {{ 1.0 * 3 }}", "{{ -2 ** 2 }} {{ +3 }} {{ --3 }}", "{{ true + true }} {{ true * 2.5 }} {{ -true }}",
        "{{ 1 == 1.0 }} {{ 1 == true }} {{ '1' == 1 }} {{ none == none }} {{ [1] == [1.0] }} {{ (1,) == [1] }} {{ {'a': 1} == {'a': 1.0} }}",
        "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 != 2 }} {{ 'a' < 'b' }} {{ 'Z' < 'a' }} {{ [1, 2] < [1, 3] }} {{ (1,) < (1, 2) }}",
        "{{ 1 in [1, 2] }} {{ 3 not in [1, 2] }} {{ 'ell' in s }} {{ 'x' in book }} {{ 'b' in book }} {{ '' in s }} {{ 1 in range(3) }}",
        "{{ 1 and 2 }} {{ 0 and 2 }} {{ 0 or 'x' }} {{ '' or none }} {{ not 1 }} {{ not '' }} {{ not none and 1 }}", "{{ 1 ~ 'a' ~ none ~ 2.0 ~ [1] }}", "{{ 1 + 2 ~ 3 + 4 }}", "{{ 2 * 3 ~ 1 }}",
        "{{ 'a' if yes else 'b' }}{{ 'a' if no else 'b' }}[{{ 'a' if no }}]", "{{ 'a' if no else 'b' if no else 'c' }}", "{{ ('a' if no) is defined }}", "{{ [1] + [2] }} {{ (1,) + (2,) }} {{ 'a' + 'b' }}",
        "{{ 'a' + 1 }}", "{{ 1 + none }}", "{{ [1] + (2,) }}", "{{ 1 / 0 }}", "{{ 1 // 0 }}", "{{ 1 % 0 }}", "{{ 1 < 'a' }}", "{{ none < 1 }}", "{{ {} < {} }}", "{{ 1 in 'abc' }}", "{{ 1 in 5 }}", "{{ -'a' }}",
        "{{ '%s is %d years, %.2f %%' % ('Al', 3, 1.5) }}", "{{ '%5s|%-5s|%05d|%+d|%x|%X|%o|%e|%g' % ('a', 'b', 42, 7, 255, 255, 8, 12345.678, 0.0001) }}", "{{ '%r %s' % ('a', none) }}", "{{ '%(a)s-%(b)05.1f' % {'a': 1, 'b': 2} }}", "{{ '%s' % [1] }}", "{{ '%s %s' % 'a' }}", "{{ 'x' % 1 }}", "{{ '%d' % 'a' }}", "{{ '%c%c' % (65, 'b') }}", "{{ '%.3s|%*d' % ('abcdef', 5, 3) }}",
        "{{ yes == true and no != true }}", "{{ 1 if 2 > 1 and not 3 < 2 else 0 }}", "{{ not 1 == 2 }}", "{{ not 1 in [2] }}", "{{ 1 == 1 == 1 }} {{ 1 in [1] == true }}", "{{ '日本' < '😀' }} {{ '\\uffff' < '😀' }}", "{{ 1 <= 1 >= 1 }}", "{{ 1e308 * 10 }} {{ -1e308 * 10 }} {{ 1e308 * 10 - 1e308 * 10 }}", "{{ 2 ** 0.5 }}", "{{ 0 ** 0 }} {{ (-1) ** 3 }} {{ (-2) ** 3 }}", "{{ 10 ** 20 }} {{ 10 ** 20 // 3 }} {{ 10 ** 20 / 3 }}",
    ],
    "undefined": [
        "[{{ x }}]", "{{ x is defined }} {{ x is undefined }} {{ s is defined }}", "{{ x.y }}", "{{ x['y'] }}", "[{{ book.zzz }}]", "{{ book.zzz.y }}", "{{ x + 1 }}", "[{{ x ~ 'a' }}]", "{{ x() }}", "{% for i in x %}a{% else %}none{% endfor %}", "{{ x == y }} {{ x == none }} {{ x != 1 }}", "{{ 1 in x }}", "{{ x in [1] }}", "{{ x in 'abc' }}", "{{ not x }} {{ x or 'd' }}", "{{ x | default('d') }} {{ none | default('d') }} {{ '' | default('d', true) }} {{ x | d }}", "{{ x | length }} {{ x | list }} [{{ x | upper }}] [{{ x | trim }}] [{{ x | join }}] [{{ x | first }}]", "{{ x | int }}", "{{ x | tojson }}", "{{ x < 1 }}", "{{ -x }}", "{{ [x] }} {{ {'a': x} }}", "{{ x is none }} {{ x is string }} {{ x is iterable }} {{ x is mapping }} {{ x is number }}", "{{ list[10] is defined }} [{{ list[10] }}] {{ list['a'] is defined }} {{ s[100] is defined }}", "{{ s.nope is defined }} {{ n.nope is defined }} {{ none.nope is defined }}", "{{ nothing.x }}", "{{ nothing['x'] }}", "{{ nothing.x.y }}", "{{ x | replace('a', 'b') }}|", "{{ x if x else 'e' }}", "{{ x.y is defined }}", "{{ book.a.b is defined }}", "{{ (x | default({})).y | default('z') }}", "{% if x %}a{% elif not x %}b{% endif %}", "{{ x | string }}|{{ x | safe }}|", "{{ x[1:] }}", "{{ book.pop is defined }}{{ book.update is defined }}{{ list.append is defined }}", "{{ list.append(1) }}", "{{ book.update({'a': 1}) }}", "{{ s.__class__ }}|{{ s.__class__ is defined }}", "{{ book['__class__'] is defined }}{{ ().__class__.__mro__ }}",
    ],
    "access": [
        "{{ book.b }} {{ book['b'] }} {{ book.a[1].k }} {{ book.a.0 }} {{ book['a'][0] }}", "{{ list[0] }} {{ list[-1] }} {{ list[1:] }} {{ list[:-1] }} {{ list[::-1] }} {{ list[::2] }} {{ list[5:] }} {{ list[-2:] }} {{ list[2:0:-1] }}", "{{ s[0] }} {{ s[-1] }} {{ s[7:] }} {{ s[:5] }} {{ s[::-1] }} {{ s[1:8:2] }} {{ s[-5:-2] }}", "{{ u[0:8] }} {{ u[-5] }} {{ u[::-1] }} {{ u[12] }} {{ u | length }}", "{{ (1, 2, 3)[1:] }} {{ (1, 2)[0] }}", "{{ range(10)[2:8:3] }} {{ range(5)[1] }} {{ range(5)[-1] }}", "{{ messages[1].content }} {{ messages[-1]['content'][0].text }}", "{{ messages[2].tool_calls[0].function.arguments.city }}", "{{ book.items() }} {{ book.keys() }} {{ book.values() }}", "{{ {'items': 1}.items is callable }}", "{{ {'items': 1}['items'] }}", "{{ {'get': 1}.get('get') }}", "{{ book.get('zz') }} {{ book.get('zz', 5) }} {{ book.get('b') }}", "{{ book | length }} {{ book.keys() | list }} {{ book.items() | list }} {{ book.values() | list | length }}", "{{ book.copy() == book }}", "{{ list.index(1) }} {{ list.count(3) }}", "{{ list.index(9) }}", "{% for k, v in book.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in book %}{{ k }}{% endfor %}", "{% for c in 'aé😀' %}[{{ c }}]{% endfor %}", "{{ list[true] }} {{ {true: 1}[1] }}", "{{ list['0'] is defined }}", "{{ {1: 'a'}[1.0] }}", "{{ {[1]: 2} }}", "{{ book[[1]] is defined }}", "{{ list[1:2:0] }}", "{{ list['a':] }}", "{{ 5[0] is defined }}", "{{ book['a', 'b'] is defined }} {{ {(1, 2): 'x'}[1, 2] }}", "{{ list[none:none] }} {{ list[:none:2] }}", "{{ 1.5.is_integer() }} {{ 2.0.is_integer() }}",
    ],
    "for": [
        "{% for i in list %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }};{% endfor %}", "{% for i in list %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}", "{% for i in list %}{{ loop.previtem is defined }}{% endfor %}", "{% for i in list %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for i in [1,1,2,2,1] %}{{ loop.changed(i) }}{% endfor %}", "{% for i in [] %}x{% else %}none{% endfor %}", "{% for i in range(6) if i % 2 %}{{ i }}{{ loop.length }}{% else %}none{% endfor %}", "{% for i in [1] if i > 5 %}x{% else %}none{% endfor %}", "{% for a, b in [(1, 2), [3, 4]] %}{{ a }}{{ b }}{% endfor %}", "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for a, b in [(1, 2, 3)] %}x{% endfor %}", "{% for i in 5 %}x{% endfor %}", "{% for i in none %}x{% endfor %}", "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "{% for i in [1, 2] %}{% for j in [1, 2] %}{% if j == 2 %}{% break %}{% endif %}{{ i }}{{ j }}{% endfor %}{% endfor %}", "{% break %}", "{% if true %}{% continue %}{% endif %}", "{% for i in [1,2] recursive %}{{ i }}{% endfor %}", "{% for i in [{'n': 1, 'c': [{'n': 2}, {'n': 3, 'c': [{'n': 4}]}]}] recursive %}{{ i.n }}{{ loop.depth }}{% if i.c %}[{{ loop(i.c) }}]{% endif %}{% endfor %}", "{% for i in [1] %}{{ loop([2]) }}{% endfor %}", "{% for i in list %}{% set x = i %}{% endfor %}[{{ x }}]", "{% set x = 0 %}{% for i in list %}{{ x }}{% set x = i %}{{ x }}{% endfor %}{{ x }}", "{% for i in list %}{% endfor %}[{{ i }}]", "{% for i in list %}{% for j in list %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}", "{% set ns = namespace(n=0) %}{% for i in list %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "{% for i in list %}{{ loop }}{% endfor %}", "{% for i in book.items() %}{{ i }}{% endfor %}", "{% for i in list|sort|reverse %}{{ i }}{% endfor %}", "{% for i in [1,2,3] %}{{ i if not loop.last }}{{ ',' if not loop.last }}{% endfor %}", "{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}{{ range(0) | list }}{{ range(5, 1) | list }}{{ range(3) }}{{ range(1, 9, 2) }}", "{% for i in range(100001) %}{% endfor %}", "{% for i in range(1, 2, 0) %}{% endfor %}", "{% for i in 1, 2 %}{{ i }}{% endfor %}", "{% for i in (list if yes else []) %}{{ i }}{% endfor %}", "{% for x in list %}{{ loop.foo is defined }}{% endfor %}", "{% for i in [1,2,3] %}{% if loop.index is divisibleby 2 %}{{ i }}{% endif %}{% endfor %}", "{% for true in [1] %}{% endfor %}", "{% for m in messages %}{{ loop.index0 }}:{{ m.role }}{% if not loop.last %}|{% endif %}{% endfor %}", "{% for m in messages | selectattr('role', 'equalto', 'user') %}{{ m.content | trim }}{% endfor %}", "{% for i in list -%}\n  {{ i }}\n{%- endfor %}", "{%- for i in list: -%} {{ i }} {%- endfor -%}",
    ],
    "if and set": [
        "{% if 0 %}a{% elif 1 %}b{% else %}c{% endif %}", "{% if 0 %}a{% elif 0 %}b{% else %}c{% endif %}", "{% if [] or {} or '' or none or 0.0 %}a{% else %}b{% endif %}", "{% if yes: %}a{% endif %}", "{% set a = 1, 2 %}{{ a }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a %}x {{ n }}{% endset %}[{{ a }}]", "{% set a | upper | replace('X', 'y') %}x{% endset %}{{ a }}", "{% set a = 1 %}{% if true %}{% set a = 2 %}{% endif %}{{ a }}", "{% set ns = namespace() %}{% set ns.x = 5 %}{{ ns.x }}{{ ns.y is defined }}", "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}", "{% set d = {} %}{% set d.x = 1 %}", "{% set x.y = 1 %}", "{% set none = 1 %}", "{% set a = a %}[{{ a }}]", "{% set s = s ~ '!' %}{{ s }}", "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}[{{ a }}]", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}[{{ q }}]", "{% set a = 1 %}{% with a = 2 %}{{ a }}{% endwith %}{{ a }}", "{% set a = 1 if no else 2 %}{{ a }}", "{% set a = dict(x=1, y=2) %}{{ a }}{{ book }}", "{% set ns = namespace(l=[]) %}{% for i in list %}{% set ns.l = ns.l + [i * 2] %}{% endfor %}{{ ns.l }}", "{% set ns = namespace(a=1) %}{{ ns }}", "{% set x = {'a': 1} %}{% set y = dict(x, b=2) if false else x %}{{ y }}", "{% set (a, b) = (1, 2) %}{{ a }}{{ b }}", "{% set a, b = [1] %}", "{% block b %}x{{ n }}{% endblock %}y", "{% block b %}{% set k = 1 %}{% endblock %}[{{ k }}]", "{% filter upper %}a{{ s }}{% endfilter %}", "{% filter upper | replace('A', 'b') %}a{% endfilter %}", "{% filter indent(2) %}a\nb{% endfilter %}", "{% generation %}x{{ n }}{% endgeneration %}y", "{% for m in [1] %}{% generation %}{{ m }}{% set g = 1 %}{% endgeneration %}[{{ g }}]{% endfor %}", "{% autoescape false %}<{% endautoescape %}", "{% unknown %}", "{% if %}", "{% if true %}a", "{% endif %}", "{{ }}", "{{ 1 2 }}", "{{ (1 }}", "{{ [1) }}", "{% for %}{% endfor %}", "{{ 'abc }}", "{{ 1 | nosuch }}", "{{ 1 is nosuch }}", "{{ a.b. }}", "{# never", "{% raw %}x", "{% include 'x' %}", "{{ a ? b }}", "{% set ns = namespace(x=1) %}{% set ns.x %}blk{% endset %}{{ ns.x }}",
    ],
    "macros": [
        "{% macro f(a, b=2) %}[{{ a }}{{ b }}]{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(b=5, a=4) }}{{ f() }}", "{% macro f(a, b=a) %}[{{ a }}{{ b }}]{% endmacro %}{{ f(1) }}", "{% macro f() %}x{% endmacro %}{{ f(1) }}", "{% macro f() %}x{% endmacro %}{{ f(a=1) }}", "{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, k=3) }}", "{% macro f(a) %}{{ a }}{% if a > 0 %}{{ f(a - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "{% macro f() %}<{{ caller() }}>{% endmacro %}{% call f() %}x{{ n }}{% endcall %}", "{% macro f() %}<{{ caller(1, 2) }}>{% endmacro %}{% call(a, b) f() %}{{ a }}-{{ b }}{% endcall %}", "{% macro f() %}{{ caller is defined }}{% endmacro %}{{ f() }}{% call f() %}{% endcall %}", "{% set x = 1 %}{% macro f() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ f() }}", "{% macro f() %}{% set y = 1 %}{% endmacro %}{{ f() }}[{{ y }}]", "{% macro f(x) %}{{ x }}{% endmacro %}{% for i in list %}{{ f(i) }}{% endfor %}", "{% macro f(l) %}{% for i in l %}{{ i }}{% endfor %}{% endmacro %}{{ f([1, 2]) | upper }}{{ f('ab') ~ 'c' }}", "{% macro f() %}a\n{% endmacro %}[{{ f() }}]", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(*[1]) }}{{ f(**{'a': 2}) }}", "{% macro f(a, b=1, c=2) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(9, c=8) }}", "{{ f() }}{% macro f() %}x{% endmacro %}", "{% macro f(a) %}{{ a is defined }}{% endmacro %}{{ f() }}", "{% macro g() %}G{% endmacro %}{% macro f() %}{{ g() }}{% endmacro %}{{ f() }}", "{% macro f(a=1, b) %}{% endmacro %}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, a=2) }}", "{% if true %}{% macro f() %}x{% endmacro %}{% endif %}{{ f() }}", "{% macro f(m) -%}\n  {{ m }}\n{%- endmacro %}[{{ f('a') }}]", "{{ f is defined }}{% macro f() %}{% endmacro %}{{ f is defined }}{{ f is callable }}", "{% macro f(a) %}{% if a is string %}S{% elif a is mapping %}M{% elif a is iterable %}I{% else %}?{% endif %}{% endmacro %}{{ f('') }}{{ f({}) }}{{ f([]) }}{{ f(1) }}", "{% call range(3) %}{% endcall %}", "{% macro f(x) %}{{ x }}{{ loop is defined }}{% endmacro %}{% for i in [1] %}{{ f(i) }}{% endfor %}",
    ],
    "text methods": [
        "[{{ '  a b '.strip() }}][{{ '  a '.lstrip() }}][{{ ' a  '.rstrip() }}][{{ 'xxaxx'.strip('x') }}][{{ 'abcba'.lstrip('ab') }}][{{ 'a\\n\\n'.rstrip('\\n') }}]", "{{ 'a b  c'.split() }} {{ 'a,b,,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ ' a  b c '.split(none, 1) }} {{ ''.split() }} {{ ''.split(',') }} {{ 'a'.split(maxsplit=1) }}", "{{ 'a,b,c'.rsplit(',', 1) }} {{ 'a b c '.rsplit(none, 1) }} {{ 'aXXbXXc'.rsplit('XX') }}", "{{ 'a</think>b</think>c'.split('</think>')[-1] }} {{ 'a</think>b'.split('</think>')[0].split('<think>')[-1] }}", "{{ 'a\\nb\\r\\nc\\rd'.splitlines() }} {{ 'a\\nb\\n'.splitlines(true) }} {{ ''.splitlines() }}", "{{ 'a=b=c'.partition('=') }} {{ 'a=b=c'.rpartition('=') }} {{ 'abc'.partition('=') }} {{ 'abc'.rpartition('=') }}", "{{ 'Hello'.startswith('He') }} {{ 'Hello'.startswith(('x', 'H')) }} {{ 'Hello'.endswith('lo') }} {{ 'Hello'.startswith('l', 2) }} {{ 'Hello'.endswith('l', 0, 4) }} {{ ''.startswith('') }}", "{{ 'hello'.find('l') }} {{ 'hello'.rfind('l') }} {{ 'hello'.find('z') }} {{ 'hello'.index('l', 3) }} {{ 'hello'.count('l') }} {{ 'aaa'.count('aa') }} {{ 'abc'.count('') }} {{ u.find('語') }}", "{{ 'hello'.index('z') }}", "{{ 'aXbXc'.replace('X', '-') }} {{ 'aXbXc'.replace('X', '-', 1) }} {{ 'abc'.replace('', '-') }} {{ 'é😀'.replace('', '.') }} {{ 'aaa'.replace('a', '') }}", "{{ 'hELLO wORLD'.capitalize() }} {{ 'hello wORLD it\\'s'.title() }} {{ 'aB'.swapcase() }} {{ 'aB'.upper() }} {{ 'AB'.lower() }} {{ 'Straße'.upper() }} {{ 'ß'.casefold() }}", "{{ ','.join(['a', 'b']) }} {{ ''.join('abc') }} {{ '-'.join([]) }}", "{{ ','.join([1]) }}", "{{ 'ab'.center(6) }}| {{ 'ab'.center(7, '*') }} {{ 'abc'.center(6, '*') }} {{ 'ab'.ljust(4) }}| {{ 'ab'.rjust(4, '.') }} {{ '-5'.zfill(4) }} {{ '5'.zfill(3) }}", "{{ 'abc'.isalpha() }} {{ 'a1'.isalnum() }} {{ '12'.isdigit() }} {{ '12'.isnumeric() }} {{ ' '.isspace() }} {{ ''.isspace() }} {{ 'ab'.islower() }} {{ 'AB1'.isupper() }} {{ 'Ab Cd'.istitle() }} {{ 'a_1'.isidentifier() }} {{ '1a'.isidentifier() }} {{ 'é'.isascii() }} {{ '12'.isdecimal() }}", "{{ 'unhappy'.removeprefix('un') }} {{ 'walking'.removesuffix('ing') }} {{ 'x'.removeprefix('y') }}", "{{ '{} {}'.format('a', 1) }} {{ '{1}{0}'.format('a', 'b') }} {{ '{x:>5}|{x:<5}|{x:^5}|{x:*^5}'.format(x='ab') }} {{ '{:.2f} {:05d} {:,} {:x} {:b} {:e} {:%}'.format(3.14159, 42, 1234567, 255, 5, 12345.0, 0.5) }} {{ '{{}}'.format() }} {{ '{0[a]} {1.x}'.format({'a': 1}, {'x': 2}) if false }}", "{{ '{0[a]} {0[b][0]}'.format({'a': 1, 'b': [2]}) }} {{ '{!r} {!s}'.format('a', 'b') }} {{ '{:>{w}}'.format('a', w=4) }} {{ '{:+d} {: d} {:.3}'.format(5, 5, 'abcdef') }}", "{{ '{}'.format() }}", "{{ 'a\\tb'.expandtabs(4) }}", "{{ 'Ünïcode'.lower() }} {{ 'ǆ'.title() }} {{ 'ﬁx'.upper() }} {{ 'ﬁx'.capitalize() }}", "{{ s.lower().replace('o', '0').split(', ')[1].upper() }}", "{{ s.nosuch() }}", "{{ 'abc'.strip(1) }}", "{{ 'abc'.split('') }}", "{{ ' a\\u00a0'.strip() }}|{{ '\\u3000a\\x1f'.strip() }}|", "{{ 'a-b_c d'.title() }} {{ 'get_weather'.replace('_', ' ').title() }}", "{{ 'abc'[::-1].upper() }}", "{{ 'x'.join({'a': 1, 'b': 2}) }}", "{{ messages[1].content.strip() }}|{{ messages[1]['content'] | trim }}|", "{{ 'a%sb' | format('X') }} {{ '%(x)s' | format(x=1) }}",
    ],
    "filters on texts": [
        "{{ s | upper }} {{ s | lower }} {{ 'foo bar-baz (qux' | title }} {{ 'fOO bAR' | capitalize }} [{{ ' a ' | trim }}] [{{ 'xax' | trim('x') }}]", "{{ 'aXa' | replace('a', 'b') }} {{ 'aaa' | replace('a', 'b', 2) }} {{ 123 | replace(2, 'x') }}", "{{ lines | indent }}\n{{ lines | indent(2, true) }}\n{{ lines | indent(2, blank=true) }}\n{{ lines | indent(width='> ', first=true) }}\n{{ 'a\\n' | indent }}|", "{{ none | indent }}", "{{ 'foo bar baz' | truncate(7) }} {{ 'foo bar baz qux' | truncate(9, true) }} {{ 'foo bar baz qux' | truncate(9) }} {{ 'foo bar baz qux' | truncate(9, true, '', 0) }}", "{{ 'a b c' | wordcount }} {{ '<p>a  <b>b</b></p>' | striptags }}", "{{ '<a href=\"x\">&\\'' | e }} {{ '<' | escape }} {{ '<' | forceescape }}", "{{ 'a b/c?d=é&f' | urlencode }} {{ {'a b': 1, 'c': 'd&e'} | urlencode }}", "{{ 'abc' | center(9) }}|{{ 'a' | list }} {{ 'cba' | sort }} {{ 'abc' | reverse }} {{ 'abc' | first }}{{ 'abc' | last }} {{ 'abc' | length }}", "{{ 5 | string }} {{ [1] | string }} {{ none | string }} {{ true | string | lower }}", "{{ '<b>' | safe }} {{ s | safe | upper }}", "{{ none | upper }} {{ 1.5 | trim }} {{ [1, 2] | upper }}", "{{ 'abc' | attr('upper') is defined }} {{ book | attr('b') is defined }}",
        "{{ 'a' | default('b') | upper }}", "{{ s | replace('World', 'x') | lower | capitalize }}", "{{ -5 | abs }} {{ (-5) | abs }} {{ -5.5 | abs }}", "{{ s|upper|lower|title }}", "{{ 'a'|upper ~ 'b'|upper }}", "{{ 1 + 'ab'|length }}", "{{ ('a' ~ 'b')|upper }}", "{{ 'a' if 'x'|upper == 'X' else 'b' }}", "{{ not 'x'|upper == 'X' }}",
    ],
    "filters on numbers": [
        "{{ '42' | int }} {{ ' 42 ' | int }} {{ '4.7' | int }} {{ 'x' | int }} {{ 'x' | int(5) }} {{ 3.9 | int }} {{ -3.9 | int }} {{ true | int }} {{ '0x1f' | int(base=16) }} {{ '1010' | int(0, 2) }} {{ none | int }} {{ '1_000' | int }} {{ [] | int(7) }}", "{{ '1.5' | float }} {{ 'x' | float }} {{ 'x' | float(2.5) }} {{ 3 | float }} {{ '1e3' | float }} {{ 'inf' | float }} {{ 'nan' | float }} {{ true | float }}", "{{ 2.5 | round }} {{ 3.5 | round }} {{ 2.675 | round(2) }} {{ 42.55 | round(1) }} {{ 42.55 | round(1, 'floor') }} {{ 42.51 | round(1, 'ceil') }} {{ 5 | round }} {{ 1234 | round(-2) }} {{ 1234.5 | round(-2) }} {{ -0.4 | round }}", "{{ 1000 | filesizeformat }} {{ 1 | filesizeformat }} {{ 1500000 | filesizeformat }} {{ 1048576 | filesizeformat(true) }} {{ 10 | filesizeformat }}", "{{ [1, 2.5] | sum }} {{ [] | sum }} {{ [1] | sum(start=10) }} {{ messages | map(attribute='role') | map('length') | sum }} {{ [{'a': 1}, {'a': 2}] | sum(attribute='a') }}", "{{ ['a'] | sum }}", "{{ 'x' | round }}",
    ],
    "filters on lists": [
        "{{ list | sort }} {{ list | sort(reverse=true) }} {{ words | sort }} {{ words | sort(case_sensitive=true) }} {{ messages | sort(attribute='role') | map(attribute='role') | list }}", "{{ [3, 'a'] | sort }}", "{{ book | dictsort }} {{ book | dictsort(true) }} {{ {'a': 2, 'b': 1} | dictsort(by='value') }} {{ {'a': 2, 'b': 1} | dictsort(reverse=true) }}", "{{ list | first }} {{ list | last }} {{ list | length }} {{ list | count }} {{ list | max }} {{ list | min }} {{ [] | max }} {{ words | min }} {{ [] | first is defined }}", "{{ list | join }} {{ list | join(', ') }} {{ messages | join('|', attribute='role') }} {{ [1, none, true, 1.0] | join('-') }}", "{{ list | reverse | list }} {{ (1, 2) | reverse | list }} {{ {'a': 1, 'b': 2} | reverse | list }}", "{{ list | map('string') | list }} {{ words | map('upper') | join }} {{ messages | map(attribute='name', default='?') | list }} {{ [[1, 2]] | map('first') | list }} {{ ['a'] | map('replace', 'a', 'b') | list }}", "{{ messages | map(attribute='tool_calls.0.function.name', default='-') | list }} {{ [[5, 6]] | map(attribute=1) | list }} {{ [{'a': {'b': 1}}] | map(attribute='a.b') | list }}", "{{ [0, 1, '', 'a', none] | select | list }} {{ [0, 1, ''] | reject | list }} {{ range(6) | select('odd') | list }} {{ range(6) | reject('divisibleby', 3) | list }} {{ [1, 5] | select('>', 2) | list }} {{ [1, 5] | select('in', [5]) | list }}", "{{ messages | selectattr('role', 'equalto', 'user') | list | length }} {{ messages | selectattr('name', 'defined') | map(attribute='name') | list }} {{ messages | rejectattr('content') | list | length }} {{ messages | selectattr('role', 'in', ['user', 'tool']) | map(attribute='role') | join(',') }} {{ messages | rejectattr('role', '==', 'user') | list | length }} {{ messages | selectattr('content', 'string') | list | length }}", "{{ (messages | selectattr('role', 'equalto', 'zz')) is defined }}{% if messages | selectattr('role', 'equalto', 'zz') %}true{% endif %}", "{{ (messages | selectattr('role', 'equalto', 'user') | first).content | trim }} {{ messages | selectattr('role', 'equalto', 'zz') | first is defined }}", "{{ [1, 2, 1, 'a', 'A'] | unique | list }} {{ ['a', 'A'] | unique(true) | list }} {{ messages | unique(attribute='role') | list | length }}", "{{ range(7) | batch(3) | list }} {{ range(7) | batch(3, 'x') | list }} {{ range(7) | slice(3) | list }} {{ range(7) | slice(3, 'x') | list }}", "{% for g, l in [{'k': 'b', 'v': 1}, {'k': 'a', 'v': 2}, {'k': 'b', 'v': 3}] | groupby('k') %}{{ g }}:{{ l | map(attribute='v') | list }};{% endfor %}", "{{ book | items | list }} {{ book | list }} {{ x | items | list }}", "{{ list | list is sequence }} {{ 'ab' | list }} {{ 5 | list }}", "{{ none | length }}", "{{ range(3) | map('string') | length }}", "{{ list | select('odd') | list | length }}", "{% set g = list | map('string') %}{{ g | list }}{{ g | list }}", "{{ list | map('nosuch') | list }}", "{{ [[2, 'b'], [1, 'a']] | sort(attribute=1) }} {{ [[2, 'b'], [1, 'a']] | sort(attribute='0') }} {{ [{'a': 1, 'b': 2}, {'a': 1, 'b': 1}] | sort(attribute='a,b') }}", "{{ [(1, 'b'), (1, 'a'), (0, 'c')] | sort(reverse=true, attribute=0) }}", "{{ list | sort | last }} {{ book.items() | first }} {{ book.values() | list | first }}", "{{ messages | map(attribute='content') | select('string') | map('trim') | list }}", "{{ [1, 2, 3] | min(attribute='x') is defined }}", "{{ {'a': 1}.items() | map('first') | list }}", "{{ [true, false, none] | map('string') | map('lower') | list }}",
    ],
    "tojson": [
        "{{ book | tojson }} {{ list | tojson }} {{ s | tojson }} {{ none | tojson }} {{ true | tojson }} {{ 1.0 | tojson }} {{ (1, 2) | tojson }}", "{{ u | tojson }} {{ u | tojson(ensure_ascii=true) }}", "{{ messages | tojson }}", "{{ messages[2] | tojson(indent=2) }}", "{{ [[], {}, [{}]] | tojson(indent=4) }}", "{{ {'b': 1, 'a': 2} | tojson(sort_keys=true) }}", "{{ {'a': [1, 2]} | tojson(separators=(',', ':')) }} {{ {'a': [1, 2]} | tojson(indent=1, separators=(' ,', ' = ')) }}", "{{ '<&>\\'\"\\\\/\\n\\t\\r\\b\\f\\x00\\x1f\\x7f' | tojson }}", "{{ {1: 'a', none: 'b', true: 'c', 1.5: 'd'} | tojson }}", "{{ {(1, 2): 1} | tojson }}", "{{ range(3) | tojson }}", "{{ list | map('string') | tojson }}", "{{ book.items() | tojson }}", "{{ 1e400 | tojson }} {{ 1e16 | tojson }} {{ 1e-7 | tojson }} {{ 123456789.123 | tojson }}", "{{ {'a': 1} | tojson(indent=0) }}", "{{ {'a': [1]} | tojson(indent='--') }}", "{{ 'é' | tojson | length }} {{ ({'a': 1} | tojson) ~ 'x' }}", "{{ {'a': none, 'b': [true, false]} | string }}", "{{ messages[2].tool_calls[0].function | tojson(indent=4) | indent(2) }}", "{{ {'a': 'b'} | tojson | safe }}", "{{ {'b': {'d': 1, 'c': 2}, 'a': 1} | tojson(sort_keys=true, indent=2) }}",
    ],
    "repr": [
        "{{ [u] }}", "{{ ['it\\'s', '\"', '\\'\"', '\\\\', '\\n\\t\\r', '\\x00\\x7f\\x80\\u200b\\u2028', '\\U000e0001', 'é', '\\xa0', '\\u3000'] }}", "{{ book }} {{ {'a': {'b': []}} }}", "{{ [1.0, 1e100, 1e-5, 0.1, -2.50, 1e16, 123456789.0] }}", "{{ [none, true, (), (1,), [()]] }}", "{{ messages[2] }}", "{{ {'a': 1}.keys() }}{{ {}.items() }}", "{{ [range(2)] }}", "{{ '' ~ {'a': 'b'} }}", "{{ messages[3].content | string }}", "{{ ['a', \"b'c\"] | join(', ') }} {{ ['a', ['b']] | join(', ') }}",
    ],
    "tests": [
        "{{ 1 is number }} {{ 1.0 is number }} {{ true is number }} {{ '1' is number }} {{ 1 is integer }} {{ true is integer }} {{ 1.0 is float }} {{ 1 is float }} {{ true is boolean }} {{ 1 is boolean }}", "{{ 's' is string }} {{ [] is string }} {{ {} is mapping }} {{ [] is mapping }} {{ [] is sequence }} {{ '' is sequence }} {{ {} is sequence }} {{ 1 is sequence }} {{ range(2) is sequence }} {{ {}.keys() is sequence }}", "{{ [] is iterable }} {{ '' is iterable }} {{ {} is iterable }} {{ 1 is iterable }} {{ none is iterable }} {{ ([] | map('upper')) is iterable }} {{ ([] | map('upper')) is sequence }}", "{{ none is none }} {{ 0 is none }} {{ x is none }} {{ nothing is none }} {{ nothing is defined }} {{ none is not none }}", "{{ 2 is even }} {{ 3 is odd }} {{ -3 is odd }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(2) }}", "{{ 1 is eq 1 }} {{ 1 is equalto(1) }} {{ 1 is ne 2 }} {{ 1 is lt 2 }} {{ 1 is lessthan 2 }} {{ 2 is gt 1 }} {{ 2 is ge 2 }} {{ 2 is le 2 }} {{ 2 is greaterthan 1 }} {{ 1 is in [1] }} {{ 'a' is in 'abc' }}", "{{ true is true }} {{ 1 is true }} {{ false is false }} {{ 0 is false }} {{ true is sameas true }} {{ none is sameas none }} {{ 1 is sameas true }}", "{{ 'abc' is lower }} {{ 'ABC' is upper }} {{ 'a' is upper }} {{ 1 is lower }}", "{{ 'upper' is filter }} {{ 'nosuch' is filter }} {{ 'odd' is test }} {{ range is callable }} {{ 1 is callable }} {{ s.upper is callable }}", "{{ 1 is defined and 2 is defined }} {{ x is defined or true }} {{ 'a' if x is defined else 'b' }} {{ x is not defined }} {{ not x is defined }}", "{{ 1 is string or 2 is number }}", "{{ s is string and s | length > 3 }}", "{{ 1 is not string is number }}", "{{ messages[3].content is string }} {{ messages[3].content is iterable and messages[3].content is not string }} {{ messages[3].content is not mapping }}", "{{ '<' is escaped }}", "{{ 'x' is defined() }}", "{{ x.y is defined }}", "{{ 1 is eq(1) == true }}", "{{ 3 is divisibleby 0 }}", "{{ [1] is in [[1], 2] }}", "{{ book.b is defined and book.b }}", "{{ 1 is number and not 'a' is number }}",
    ],
    "globals": [
        "{{ range(3) | list }} {{ range(1, 4) | list }} {{ range(10, 0, -3) | list }}", "{{ range() }}", "{{ dict(a=1, b='x') }} {{ dict([(1, 2)]) }} {{ dict({'a': 1}, b=2) }} {{ dict() }}", "{{ raise_exception('no') }}", "{% if no %}{{ raise_exception('no') }}{% endif %}ok", "{{ strftime_now('%Y-%m-%d %H:%M:%S') }} {{ strftime_now('%d %b %Y, %A %B %a %j %y %I %p %-d %-m %e %w %U %W %% %F %T %D %R %Z|%z|') }}", "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}", "{% set j = joiner('|') %}{{ j() }}a{{ j() }}b{{ j() }}", "{% set c = cycler(1, 2) %}{{ c.next() }}{{ c.reset() }}{{ c.next() }}", "{{ namespace is callable }}{{ range is defined }}{{ cycler is defined }}", "{% set range = 5 %}{{ range }}", "{{ strftime_now is defined }}", "{{ open('x') }}",
    ],
    "safe texts": [
        "{{ ('a' | safe) + '<' }} {{ '<' + ('a' | safe) }} {{ ('a' | safe) ~ '<' }} {{ 'a' | safe + book.C + (book | tojson) }}", "{% set x %}<{% endset %}{{ x + '<' }}{% macro f() %}<{% endmacro %}{{ f() + '<' }}", "{{ ('%s' | safe) % '<' }} {{ ('{}' | safe).format('<') }} {{ ('<b>' | safe) is string }} {{ ('<b>' | safe) | upper + '<' }}", "{{ ('<' | e) | e }} {{ ('<' | e).strip() + '<' }} {{ ('<' | e) | forceescape }}", "{{ ['<' | safe] }} {{ ['<' | e, '<'] | join }} {{ ('<' | safe) | replace('x', '<') + '<' }} {{ '&lt;' | safe | striptags }}", "{{ ('a<' | safe).split('<') }} {{ ('ab' | safe)[0] + '<' }} {{ ('a' | safe).join(['<', '>']) }} {{ ('a' | safe) * 2 + '<' }}", "{{ ('a' | safe) | string + '<' }} {{ ('a' | safe) | trim + '<' }} {{ ('a' | safe) | lower + '<' }} {{ ('a' | safe) is escaped }} {{ ('<' | safe) | tojson }} {{ ('a' | safe) | indent(first=true) + '<' }}", "{{ '<' in ('<' | safe) }} {{ ('<' | safe) == '<' }} {{ {'<': 1}['<' | safe] }} {{ ('ab' | safe) | title + '<' }} {{ ('ab' | safe).title() + '<' }} {{ ('ab' | safe)[::-1] + '<' }} {{ ('ab' | safe) | reverse + '<' }} {{ ('ab' | safe) | first + '<' }} {{ ('ab' | safe).center(4) + '<' }}", "{{ ('aXb' | safe).replace('X', '<') }} {{ ('a' | safe) is escaped }} {{ 'a' is escaped }}", "{{ none | selectattr('a') | list }} {{ none | map('upper') | list }} {{ 0 | select | list }}",
    ],
    "templates in small": [
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '<|user|>\n' + message['content'].strip() + '</s>\n' }}{% elif message['role'] == 'system' %}{{ '<|system|>\n' + message['content'] + '</s>\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}",
        "{%- if messages[0]['role'] == 'system' %}\n    {%- set system_message = messages[0]['content'] | trim %}\n    {%- set messages = messages[1:] %}\n{%- else %}\n    {%- set system_message = '' %}\n{%- endif %}\n{{- system_message }}|{{ messages | length }}",
        "{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}\n{%- for message in messages[::-1] %}\n    {%- set index = (messages|length - 1) - loop.index0 %}\n    {%- if ns.multi_step_tool and message.role == \"user\" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}\n        {%- set ns.multi_step_tool = false %}\n        {%- set ns.last_query_index = index %}\n    {%- endif %}\n{%- endfor %}\n{{ ns.last_query_index }}",
        "{%- for message in messages %}\n{%- if message.tool_calls is defined and message.tool_calls is not none %}\n{%- for tool_call in message.tool_calls %}\n{%- set f = tool_call.function %}\n{{- '<tool_call>\n{\"name\": \"' + f.name + '\", \"arguments\": ' + (f.arguments | tojson) + '}\n</tool_call>' }}\n{%- endfor %}\n{%- endif %}\n{%- endfor %}",
        "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 1) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}{% endfor %}",
        "{%- macro render(x) -%}\n{%- if x is string -%}{{ x }}{%- elif x is none -%}null{%- elif x is iterable -%}{%- for i in x -%}{%- if i.type == 'text' -%}{{ i['text'] }}{%- else -%}<image>{%- endif -%}{%- endfor -%}{%- endif -%}\n{%- endmacro -%}\n{% for m in messages %}{{ m.role }}: {{ render(m.content) }}\n{% endfor %}",
        "{%- for name, value in messages[2].tool_calls[0].function.arguments | items %}\n<parameter={{ name }}>\n{{ value | tojson if value is not string else value }}\n</parameter>\n{%- endfor %}",
        "{%- for k, v in messages[2].tool_calls[0].function.arguments.items() %}{{ k }}: {{ v if v is string else v | tojson(ensure_ascii=False) }}{{ ', ' if not loop.last else '' }}{%- endfor %}",
        "{%- set loop_messages = messages %}{%- for message in loop_messages %}{%- set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + (message['content'] or '') | string | trim + '<|eot_id|>' %}{%- if loop.index0 == 0 %}{%- set content = '<s>' + content %}{%- endif %}{{- content }}{%- endfor %}",
    ],
}


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2025, 7, 10, 9, 5, 3)


def render(template, data):
    compiled = _compile_jinja_template(template)
    compiled.environment.globals["strftime_now"] = lambda form: Clock.now().strftime(form)
    return compiled.render(**data)


def main():
    cases = []
    for group, templates in GROUPS.items():
        for template in templates:
            case = {"group": group, "template": template}
            try:
                case["expected"] = render(template, DATA)
            except Exception as error:  # any refusal counts
                case["error"] = type(error).__name__
            cases.append(case)
    out = {
        "made by": f"tools/chat-template-fixtures.py, jinja2 {jinja2.__version__}, transformers {transformers.__version__}",
        "data": DATA,
        "cases": cases,
    }
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(out, file, ensure_ascii=False, indent=1)
        file.write("\n")
    print(len(cases), "cases,", sum("error" in case for case in cases), "of them refused")


main()
