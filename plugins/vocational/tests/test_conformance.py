"""The count of standard schools keeps what the core's protocols promise."""

from minsheng_core import IndicatorConformance
from minsheng_vocational import StandardSchools


class TestStandardSchools(IndicatorConformance):
    indicator = StandardSchools()
    typical = {
        "students": "4241", "campus_area": "143333", "campus_area_per_student": "33.80", "building_area": "84820",
        "building_area_per_student": "20", "teachers": "231", "student_teacher_ratio": "18.36", "equipment": "2652",
        "equipment_per_student": "6253.24", "books_per_student": "31.2", "acceptance_number": "验〔2023〕1号", "acceptance_date": "2023-09-20",
    }  # fmt: skip
