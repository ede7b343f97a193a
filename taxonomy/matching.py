"""Searching a table of documents: conditions, ranked hits, counts and facets, each in one bounded statement.

Jobs and talent are searched the same way; what a document holds and what makes one better than another is theirs. With
words at most 200 of the first matches are ranked; counts and facets stop at 1,000, so that a common word costs no more
than a rare one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from taxonomy.phrases import FAINT_WEIGHT, Params, Piece, question
from taxonomy.queries import Lexicon

PER_PAGE = 20
#: So many of the first matches are ranked, and as many of those that have only some of the words.
RANKED = 200
#: Counts and facets stop here.
COUNTED = 1000
#: The head of a large table, its first documents in order, is searched alone where so many of them match.
ENOUGH = 100
#: The last page of a ranked search: all that match, or fewer than a page of them and those with some of the words.
LAST_PAGE = (PER_PAGE - 1 + RANKED - 1) // PER_PAGE + 1

#: How many of the first matches each further choice would leave, by name of the filter and value.
Facets = dict[str, dict[str, int]]


class Conditions:
    """The conditions of a search as SQL with parameters, by the name of the filter each comes from.

    Those in `fixed` are no filters: what the reader may see stays so whatever is taken off.
    """

    def __init__(self, words: str, lexicon: Lexicon) -> None:
        self.parts: dict[str, tuple[str, Params]] = {}
        self.fixed: set[str] = set()
        self.question = question(words, lexicon)
        if self.question:
            query, params = self.question.all()
            self.add("words", f"text @@ ({query})", params)

    def add(self, name: str, sql: str, params: Params, *, is_fixed: bool = False) -> None:
        """Let only documents through for which this holds."""
        self.parts[name] = (sql, params)
        if is_fixed:
            self.fixed.add(name)

    def any_of(self, name: str, column: str, values: Iterable[object]) -> None:
        """Let only documents through that have one of the values, where any is given."""
        chosen = list(values)
        if chosen:
            self.add(name, f"{column} = ANY(%s)", [chosen])

    def marked(self, name: str, mark: str, values: Iterable[object]) -> None:
        """Let only documents through that hold one of the words that no parser makes, such as `~k17`."""
        lexemes = " | ".join(f"'~{mark}{value}'" for value in values)
        if lexemes:
            self.add(name, "text @@ %s::tsquery", [lexemes])

    def where(self, *, without: Iterable[str] = ()) -> tuple[str, Params]:
        """Return the conditions joined, leaving out those of some filters."""
        left_out = set(without)
        kept = [part for name, part in self.parts.items() if name not in left_out]
        sql = " AND ".join(part for part, _params in kept) or "true"
        return sql, [value for _part, params in kept for value in params]

    def flag(self, name: str) -> tuple[str, Params]:
        """Return one condition as an expression; true where there is none."""
        return self.parts.get(name, ("true", []))


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found; where not every word of the search is in it, those that are missing."""

    pk: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Documents:
    """A table of search documents: its key, the order in which its first ones are taken, and the filters with facets.

    `lead` is the column that this order begins with, of the type `lead_type`; `counted` names the column of each of
    those filters. The database's function `<table>_head()` gives the least `lead` of the head of a large table, and
    minus infinity, so that the head is the whole table, of any other (`taxonomy.actions.renew_head`).
    """

    table: str
    key: str
    lead: str
    lead_type: str
    counted: Mapping[str, str]

    @property
    def order(self) -> str:
        """Return the order in which the first documents are taken."""
        return f"{self.lead} DESC, {self.key} DESC"

    def first(self, columns: str, where: str, limit: int, *, enough: int) -> str:
        """Return the statement of the first documents that match; it takes the parameters of `where` twice.

        The head alone where `enough` of it match: a word costs no more in a large table than in a small one. In the
        whole table otherwise; PostgreSQL does not run the part that is not needed.
        """
        is_short = f"{self.table}_head() > '-infinity' AND (SELECT count(*) < {enough} FROM head)"  # noqa: S608  (the parts are written in the code; everything from outside is a parameter)
        chosen = f"SELECT {columns} FROM {self.table} WHERE {{}} AND {where} ORDER BY {self.order} LIMIT {limit}"  # noqa: S608  (as above)
        return f"""
            WITH head AS MATERIALIZED ({chosen.format(f"{self.lead} >= {self.table}_head()")})
            (SELECT * FROM head WHERE NOT ({is_short}))
            UNION ALL ({chosen.format(is_short)})
        """  # noqa: S608  (as above)

    def count(self, conditions: Conditions) -> tuple[int, Facets]:
        """Return how many match, up to 1,001, and the facets of the first 1,000, in one statement.

        A choice of a filter is counted among the documents that pass all the other filters: `fails` is how many of the
        counted filters a candidate does not pass, and a candidate counts for a filter when it fails no other.
        """
        where, params = conditions.where(without=self.counted)
        flags, flag_params = [], []
        for name in self.counted:
            sql, values = conditions.flag(name)
            flags.append(f"(NOT ({sql}))::int AS {name}_fails")
            flag_params += values
        total, total_params = conditions.where()
        fails = " + ".join(f"{name}_fails" for name in self.counted)
        choices = " UNION ALL ".join(
            f"SELECT '{name}', {column}::text, count(*) FROM candidate WHERE fails - {name}_fails = 0 GROUP BY 2"  # noqa: S608  (as below)
            for name, column in self.counted.items()
        )
        flagged = self.first(", ".join([*self.counted.values(), *flags]), where, COUNTED, enough=COUNTED)
        statement = f"""
            WITH flagged AS MATERIALIZED ({flagged}), candidate AS (SELECT *, {fails} AS fails FROM flagged)
            SELECT '', '', count(*) FROM (SELECT 1 FROM {self.table} WHERE {total} LIMIT {COUNTED + 1}) x
            UNION ALL {choices}
        """  # noqa: S608  (as above)
        facets: Facets = {name: {} for name in self.counted}
        number = 0
        with connection.cursor() as cursor:
            cursor.execute(statement, [*flag_params, *params, *flag_params, *params, *total_params])
            for name, value, found in cursor.fetchall():
                if name:
                    facets[name][value] = found
                else:
                    number = found
        return number, facets

    def without_each(self, conditions: Conditions) -> dict[str, int]:
        """Return how many would match without each one of the filters, up to 1,000, in one statement."""
        names = [name for name in conditions.parts if name not in conditions.fixed]
        if not names:
            return {}
        columns, params = [], []
        for name in names:
            where, values = conditions.where(without=[name])
            columns.append(f"(SELECT count(*) FROM (SELECT 1 FROM {self.table} WHERE {where} LIMIT {COUNTED}) x)")  # noqa: S608  (as above)
            params += values
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)}", params)
            return dict(zip(names, cursor.fetchone(), strict=True))

    def best(
        self, conditions: Conditions, *, count: int, page: int, worth: str, worth_params: Params
    ) -> tuple[list[Hit], bool]:
        """Return a page of ranked hits, and whether there are more, in one statement.

        The rank by words is multiplied by `worth`, an expression over a document. Where the `count` matches do not fill
        a page, documents with some of the words follow.
        """
        pieces = conditions.question.ranked() if count < PER_PAGE else []
        statement, params = self._ranked(conditions, pieces, worth, worth_params)
        with connection.cursor() as cursor:
            cursor.execute(f"{statement} LIMIT {PER_PAGE + 1} OFFSET {(page - 1) * PER_PAGE}", params)
            found = cursor.fetchall()
        hits = [
            Hit(pk, () if is_full else tuple(each.text for each, is_in in zip(pieces, has, strict=True) if not is_in))
            for pk, is_full, has in found[:PER_PAGE]
        ]
        return hits, len(found) > PER_PAGE

    def _ranked(
        self, conditions: Conditions, pieces: list[Piece], worth: str, worth_params: Params
    ) -> tuple[str, Params]:
        """Return the statement that ranks the first 200 with every word and, with pieces, 200 with some of them.

        It gives the key, whether every word is there, and which of the pieces are.
        """
        rank, rank_params = conditions.question.rank()
        where, params = conditions.where()
        chosen = [f"({self.first(f'{self.key}, true AS is_full', where, RANKED, enough=ENOUGH)})"]
        params = [*params, *params]
        has, has_params = [], []
        others, other_params = conditions.where(without=["words"])
        for piece in pieces:
            query, values = piece.matches()
            has.append(f"text @@ {query}")
            has_params += values
            if piece.weight > FAINT_WEIGHT or len(pieces) == 1:
                chosen.append(
                    f"(SELECT {self.key}, false FROM {self.table} WHERE {others} AND text @@ {query}"  # noqa: S608  (as above)
                    f" ORDER BY {self.order} LIMIT {RANKED // len(pieces)})"
                )
                params = [*params, *other_params, *values]
        statement = f"""
            SELECT {self.key}, is_full, ARRAY[{", ".join(has)}]::boolean[]
            FROM (SELECT {self.key}, bool_or(is_full) AS is_full
                  FROM ({" UNION ALL ".join(chosen)}) x GROUP BY {self.key}) candidate
            JOIN {self.table} USING ({self.key})
            ORDER BY is_full DESC, {rank} * ({worth}) DESC, {self.key} DESC
        """  # noqa: S608  (as above)
        return statement, [*has_params, *params, *rank_params, *worth_params]


def with_skills(through: str, column: str, owner: str) -> str:
    """Return the join that gives a document, as `skill`, the skills chosen in a table: ids, lexemes, names.

    `en` and `fr` are their names and synonyms in each language.
    """
    return f"""LEFT JOIN LATERAL (
    SELECT array_agg(each.id ORDER BY each.id) AS ids,
           array_agg('~k' || each.id) AS lexemes,
           string_agg(concat_ws(' . ', each.name_en, words.en), ' . ') AS en,
           string_agg(concat_ws(' . ', each.name_fr, words.fr), ' . ') AS fr
    FROM {through} chosen
    JOIN taxonomy_skill each ON each.id = chosen.skill_id
    LEFT JOIN LATERAL (
        SELECT string_agg(word, ' . ') FILTER (WHERE language IN ('', 'en')) AS en,
               string_agg(word, ' . ') FILTER (WHERE language IN ('', 'fr')) AS fr
        FROM taxonomy_synonym WHERE skill_id = each.id
    ) words ON true
    WHERE chosen.{column} = {owner}
) skill ON true"""  # noqa: S608  (as above)


def words_of(title: str, text: str) -> str:
    """Return the stems of a document: its title with weight A, the words of its skills B, its text D.

    Takes the `configuration` of its own language; needs the join of `with_skills`.
    """
    return f"""setweight(to_tsvector(%(configuration)s::regconfig, {title}), 'A')
       || setweight(to_tsvector('en_u', coalesce(skill.en, '')), 'B')
       || setweight(to_tsvector('fr_u', coalesce(skill.fr, '')), 'B')
       || setweight(to_tsvector(%(configuration)s::regconfig, {text}), 'D')"""
