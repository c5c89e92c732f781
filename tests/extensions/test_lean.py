"""extensions/lean.py: what no page needs goes, and nothing else."""

from lean import lean


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
