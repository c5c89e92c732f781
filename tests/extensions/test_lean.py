"""extensions/lean.py: what no page needs goes, and nothing else."""

from lean import lean, lean_css


def test_the_icon_library_and_thebe_go():
    html = """<link href="book.css"/>
<script src="../_static/scripts/fontawesome.js?digest=1"></script>
<link rel="stylesheet" type="text/css" href="../_static/sphinx-thebe.css?v=4" />
<script>const THEBE_JS_URL = "https://example.org/thebe.js"; const thebe_selector = ".thebe";</script>
<script async="async" src="../_static/sphinx-thebe.js?v=c"></script>
<script>let toggleHintShow = 'Click';</script>
<script type="text/x-thebe-config">{ "kernel": 1 }</script>
<script>kernelName = 'python3'</script>
<p>const THEBE_JS_URL is a name</p>"""
    kept = """<link href="book.css"/>
<script>let toggleHintShow = 'Click';</script>
<p>const THEBE_JS_URL is a name</p>"""
    assert lean(html) == kept


def test_rules_for_classes_that_nobody_has_go():
    css = """/* a comment */ @charset "utf-8"; p{margin:0}
.here , .gone:hover, a:not(.gone, .here) > .here::before{content:"a,b}"; color:red!important}
.gone{color:red} :is(.gone, .here) p{color:blue}
@media print{.gone{color:red}} @media (min-width: 5px){.here{x:y}.gone .here{x:z}}
@font-face{font-family:"A";src:url(a.woff2)} @keyframes turn{from{left:0}}"""
    kept = """@charset "utf-8";p{margin:0}.here,a:not(.gone, .here) > .here::before{content:"a,b}"; color:red!important}\
:is(.gone, .here) p{color:blue}@media (min-width: 5px){.here{x:y}}@font-face{font-family:"A";src:url(a.woff2)}\
@keyframes turn{from{left:0}}"""
    assert lean_css(css, {"here"}) == kept
