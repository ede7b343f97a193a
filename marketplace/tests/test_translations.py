"""Translations without GNU gettext: reading, compiling, and finding every text."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import pytest

from marketplace.translations import (
    BadCatalogue,
    Text,
    compile_catalogue,
    compile_stale,
    read_catalogue,
    texts_of_code,
    texts_of_template,
)

CATALOGUE = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"

#: jobs/views.py:12
msgid "Post a job"
msgstr "Publier une mission"

msgctxt "verb"
msgid "Release"
msgstr "Libérer"

#, python-format
msgid "%(count)d day"
msgid_plural "%(count)d days"
msgstr[0] "%(count)d jour"
msgstr[1] "%(count)d jours"

#, fuzzy
msgid "Wallet"
msgstr "Porte"

msgid ""
"Two "
"lines\n"
msgstr ""
"Deux "
"lignes\n"

#, fuzzy
#~ msgid "Gone"
#~ msgstr "Parti"

msgid "Last"
msgstr "Dernier"
"""


def test_a_compiled_catalogue_says_what_was_written() -> None:
    compiled = gettext.GNUTranslations(io.BytesIO(compile_catalogue(read_catalogue(CATALOGUE))))
    assert compiled.gettext("Post a job") == "Publier une mission"
    assert compiled.pgettext("verb", "Release") == "Libérer"
    assert compiled.gettext("Release") == "Release"
    assert compiled.ngettext("%(count)d day", "%(count)d days", 1) == "%(count)d jour"
    assert compiled.ngettext("%(count)d day", "%(count)d days", 2) == "%(count)d jours"
    assert compiled.gettext("Two lines\n") == "Deux lignes\n"


def test_an_unchecked_translation_is_not_shown_but_its_neighbours_are() -> None:
    compiled = gettext.GNUTranslations(io.BytesIO(compile_catalogue(read_catalogue(CATALOGUE))))
    assert compiled.gettext("Wallet") == "Wallet"
    assert compiled.gettext("Last") == "Dernier"


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text('msgid "A"\nmsgstr B\n')
    with pytest.raises(BadCatalogue, match=r"django\.po: line 2 cannot be read: msgstr B"):
        compile_stale(tmp_path)


def test_only_what_changed_is_compiled(tmp_path: Path) -> None:
    file = tmp_path / "jobs" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text(CATALOGUE)
    assert compile_stale(tmp_path) == [file]
    assert compile_stale(tmp_path) == []


def test_texts_of_code_are_found_under_every_name() -> None:
    code = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy as p
from django.utils import translation
name = "not a text"
raise Refused(_("Fund it first.") % {"a": 1})
label = p("verb", "Release")
days = ngettext("%(n)d day", "%(n)d days", 3)
title = translation.gettext("Wallet")
made, _created = get(_created)
"""
    assert sorted(texts_of_code(code)) == [
        (Text("%(n)d day", plural="%(n)d days"), 7),
        (Text("Fund it first."), 5),
        (Text("Release", context="verb"), 6),
        (Text("Wallet"), 8),
    ]


def test_texts_of_templates_are_found_in_tags_attributes_and_filters() -> None:
    template = """{% translate "Save" %}
<c-button label="{% translate "It's done" context "state" %}" />
{% blocktranslate trimmed count n=jobs %}
  {{ n }} job
{% plural %}
  {{ n }} jobs, 10% off
{% endblocktranslate %}
{{ value|default:_("None yet") }}
{% comment %}{% translate "Not shown" %}{% endcomment %}
"""
    assert {text for text, _line in texts_of_template(template)} == {
        Text("Save"),
        Text("It's done", context="state"),
        Text("%(n)s job", plural="%(n)s jobs, 10%% off"),
        Text("None yet"),
    }
