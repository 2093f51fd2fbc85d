from django.urls import path

from licheng.courseplans.plans.views import corrections, courses, groups, ordering, plans, syllabus

app_name = "plans"

urlpatterns = [
    path("begin/", plans.begin, name="begin"),
    path("<int:plan_id>/", plans.plan, name="plan"),
    path("<int:plan_id>/hand-in/", plans.hand_in, name="hand_in"),
    path("<int:plan_id>/return-in-school/", plans.return_in_school, name="return_in_school"),
    path("<int:plan_id>/send/", plans.send, name="send"),
    path("<int:plan_id>/return/", plans.return_, name="return"),
    path("<int:plan_id>/file/", plans.file, name="file"),
    path("<int:plan_id>/new-version/", plans.begin_version, name="begin_version"),
    path("<int:plan_id>/drop/", plans.drop, name="drop"),
    path("<int:plan_id>/code-file/", plans.code_file, name="code_file"),
    path("<int:plan_id>/who/", plans.who, name="who"),
    path("<int:plan_id>/compare/", plans.compare, name="compare"),
    path("<int:plan_id>/corrections/", corrections.corrections, name="corrections"),
    path(
        "<int:plan_id>/corrections/remove-stray/", corrections.remove_stray, name="remove_stray_corrections"
    ),
    path(
        "<int:plan_id>/corrections/<int:correction_id>/remove/",
        corrections.remove,
        name="remove_correction",
    ),
    path("<int:plan_id>/order/", ordering.groups, name="order_groups"),
    path("<int:plan_id>/groups/add/", groups.add, name="add_group"),
    path("<int:plan_id>/groups/<int:group_id>/", groups.group, name="group"),
    path("<int:plan_id>/groups/<int:group_id>/edit/", groups.edit, name="edit_group"),
    path("<int:plan_id>/groups/<int:group_id>/order/", ordering.courses, name="order_courses"),
    path("<int:plan_id>/groups/<int:group_id>/remove/", groups.remove, name="remove_group"),
    path("<int:plan_id>/groups/<int:group_id>/copy/", groups.copy, name="copy_courses"),
    path("<int:plan_id>/groups/<int:group_id>/courses/add/", courses.add, name="add_course"),
    path("<int:plan_id>/courses/<int:course_id>/", courses.course, name="course"),
    path("<int:plan_id>/courses/<int:course_id>/edit/", courses.edit, name="edit_course"),
    path("<int:plan_id>/courses/<int:course_id>/remove/", courses.remove, name="remove_course"),
    path("<int:plan_id>/courses/<int:course_id>/syllabus/", syllabus.syllabus, name="syllabus"),
]
