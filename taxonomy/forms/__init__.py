"""Form fields for categories, specialities and skills, and the filters of a list that is searched."""

from taxonomy.forms.fields import CategoryField, SkillsField, SkillsInput, SpecialitiesField, SpecialityField
from taxonomy.forms.filters import MOST_VALUES, Chip, Choice, FilterForm, Group, Removal, read_place

__all__ = [
    "MOST_VALUES",
    "CategoryField",
    "Chip",
    "Choice",
    "FilterForm",
    "Group",
    "Removal",
    "SkillsField",
    "SkillsInput",
    "SpecialitiesField",
    "SpecialityField",
    "read_place",
]
