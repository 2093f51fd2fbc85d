"""One small file of every kind that names students by ID number, and the school of `roster_files` without imports."""

from datetime import date

from licheng.foundations.privacy import blind_index, seal
from licheng.school.people.models import Role, Student, id_number_place
from licheng.school.records.models import Course, Enrolment, Offering
from licheng.school.rosters.models import RosterKind as K
from tests import factories
from tests.school import roster_files as files

FIRST, SECOND = "N200020015", "M100020021"  # the two students of the smallest list
CODE, OTHER = "115070406V2640101010101", "115070406V2640101010102"
SCHOOL = files.CODE
MARK = f"{SCHOOL},115,1,{FIRST},{CODE},國語文,1,3"
TEXTS = {
    K.GUARDIANS: "學號,家長姓名,關係,電子郵件,電話\n1152001,林母,母,a@example.invalid,0912345678\n1152002,周父,父,,\n",
    K.TERMS: (
        "學校代碼,學年度,學期,身分證號,性別代碼,出生日期,群別代碼,科班學程別代碼,部別代碼,班別,年級,班級名稱,座號,"
        "特殊身分別,原住民族別,原住民身分別,入學方式,學籍狀態,學籍異動日期\n"
        f"{SCHOOL},115,1,{FIRST},2,0991118,26,401,1,1,1,商一甲,1,0,,,直升,1,\n"
        f"{SCHOOL},115,1,{SECOND},1,1000811,26,401,1,1,1,商一甲,2,1,泰雅,山原,直升,2,1150910\n"
    ),
    K.BORROWED: (
        "身分證號,所屬學校代碼,借讀學校代碼,群別,借讀科班學程別,借讀代碼,申請開始日期,申請結束日期\n"
        f"{FIRST},{SCHOOL},064308,26,401,1,1150901,1160120\n"
    ),
    K.CADRES: (
        "學校代碼,學年度,學期,身分證號,單位名稱,開始日期,結束日期,擔任職務,幹部等級\n"
        f"{SCHOOL},115,1,{FIRST},商一甲,1150901,1160120,班長,2\n"
        f"{SCHOOL},115,1,{SECOND},學生會,1150901,1160120,會長,1\n"
    ),
    K.MARKS: (
        "學校代碼,學年度,學期,身分證號,課程代碼,科目名稱,開課年級,修課學分,學期學業成績,成績及格,補考成績,補考及格,是否採計學分,質性文字描述\n"
        f"{MARK},81.5,1,-1,-1,1,\n"
        f"{SCHOOL},115,1,{SECOND},{CODE},國語文,1,3,45,0,60,1,1,努力\n"
        f"{SCHOOL},115,1,{FIRST},{OTHER},英語文,1,2,-1,-1,-1,-1,2,\n"
    ),
    K.MAKE_UP: (
        "學校代碼,學年度,學期,身分證號,應修課學年度,應修課學期,課程代碼,科目名稱,開課年級,修課學分,補修成績,補修及格,"
        "補考成績,補考及格,補修方式,是否採計學分,質性文字描述\n"
        f"{SCHOOL},115,1,{FIRST},114,1,{CODE},國語文,1,3,70,1,-1,-1,3,1,\n"
    ),
    K.TRANSFER: (
        "學校代碼,學年度,學期,身分證號,對應學年度,對應學期,課程代碼,科目名稱,對應年級,修課學分,身分別,抵免後成績,"
        "成績及格,是否採計學分,質性文字描述\n"
        f"{SCHOOL},115,1,{FIRST},114,1,114064308M1119701010101,國語文,1,4,1,77,1,1,\n"
    ),
    K.RETAKE: (
        "學校代碼,學年度,學期,身分證號,原修課學年度,原修課學期,原修課課程代碼,科目名稱,開課年級,修課學分,重修方式,"
        "重修成績,重修及格,質性文字描述\n"
        f"{SCHOOL},115,1,{SECOND},114,1,{CODE},國語文,1,3,2,60,1,\n"
    ),
    K.REPEAT: (
        "學校代碼,學年度,學期,身分證號,課程代碼,科目名稱,開課年級,修課學分,重讀成績,成績及格,補考成績,補考及格,"
        "重讀註記,是否採計學分,質性文字描述\n"
        f"{MARK},66,1,-1,-1,2,1,\n"
    ),
    K.EVENING_MARKS: (
        "學校代碼,學年度,學期,身分證號,課程代碼,科目名稱,開課年級,修課節數,學期學業成績,成績及格,學年學業成績,"
        "學年及格,是否採計學時,質性文字描述\n"
        f"{MARK},70,1,71.25,1,1,\n"
    ),
    K.EVENING_EXAMS: (
        "學校代碼,學年度,學期,身分證號,課程代碼,科目名稱,開課年級,第一學期開設修課節數,第二學期開設修課節數,"
        "第一次補考成績,第一次補考及格,第二次補考成績,第二次補考及格\n"
        f"{MARK},4,50,0,60,1\n"
    ),
    K.EVENING_TRANSFER: (
        "學校代碼,學年度,學期,身分證號,對應學年度,對應學期,課程代碼,科目名稱,對應年級,修課節數,身分別,抵免後成績,"
        "成績及格,是否採計學時,質性文字描述\n"
        f"{SCHOOL},115,1,{FIRST},114,2,114064308M1119701010101,國語文,1,4,2,88,1,1,\n"
    ),
}


def small_school():
    """What the smallest lists of `roster_files` make, in a fraction of their time; gives who imports."""
    person = files.registrar()
    school = person.school
    teachers = [
        factories.PersonFactory(school=school, account=account, name=name, roles=roles)
        for account, name, roles in (
            ("t1", "林老師", [Role.TEACHER, Role.HOMEROOM]),
            ("t2", "吳主任", [Role.REGISTRAR]),
        )
    ]
    factories.ClassGroupFactory(school=school, grade=2, name="商二甲")
    group = factories.ClassGroupFactory(school=school, grade=1, name="商一甲", homeroom_teacher=teachers[0])
    courses = [
        Course.objects.create(school=school, code=code, name=name, credits=credits_text)
        for code, name, credits_text in ((CODE, "國語文", "340000"), (OTHER, "英語文", "220000"))
    ]
    offering = Offering.objects.create(
        school=school, course=courses[0], school_year=115, semester=1, section="商一甲"
    )
    offering.teachers.add(teachers[0])
    for account, name, number, born, gender, seat in (
        ("1152001", "林宜", FIRST, date(2010, 11, 18), "2", 1),
        ("1152002", "周廷", SECOND, date(2011, 8, 11), "1", 2),
    ):
        student = factories.StudentFactory(
            school=school, account=account, name=name, profile__class_group=group
        )
        Student.objects.filter(person=student).update(
            id_number_sealed=seal(number, place=id_number_place(school.pk, student.pk)),
            id_number_index=blind_index(number), birth_date=born, gender=gender, seat_no=seat,
        )  # fmt: skip
        Enrolment.objects.create(school=school, offering=offering, student=student, grade=1, credits=3)
    return person
