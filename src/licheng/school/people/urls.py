from django.urls import include, path

from licheng.school.people import duty_views, private_views, views

pages = [
    path("classes/", views.classes, name="classes"),
    path("classes/<int:class_id>/", views.class_sheet, name="class_sheet"),
    path("mine/", views.mine, name="mine"),
    path("<int:person_id>/", views.student, name="student"),
    path("looks/", private_views.looks, name="looks"),
    path("looks/looks.csv", private_views.looks_csv, name="looks_csv"),
    path("guardians/", private_views.own_guardians, name="own_guardians"),
    path("wards/add/", private_views.ward, name="add_ward"),
    path("<int:person_id>/guardians/", private_views.guardians, name="guardians"),
    path("<int:person_id>/guardians/code/", private_views.guardian_code, name="guardian_code"),
    path(
        "guardian-codes/<int:guardian_code_id>/withdraw/",
        private_views.withdraw_code,
        name="withdraw_guardian_code",
    ),
    path("guardian-links/<int:guardian_link_id>/end/", private_views.end_link, name="end_guardian_link"),
    path(
        "classes/<int:class_id>/guardian-codes/",
        private_views.class_guardian_codes,
        name="class_guardian_codes",
    ),
    path("classes/<int:class_id>/leaving/", private_views.class_leaving, name="class_leaving"),
    path("<int:person_id>/id-number/", private_views.id_number, name="id_number"),
    path("<int:person_id>/leaving/", private_views.leaving, name="leaving"),
    path("<int:person_id>/leaving/undo/", private_views.return_, name="undo_leaving"),
    path("classes/<int:class_id>/mail/", views.class_mail, name="class_mail"),
    path("<int:person_id>/who/", duty_views.who, name="who"),
    path("<int:person_id>/code/", views.person_code, name="person_code"),
    path("<int:person_id>/code/withdraw/", views.withdraw_code, name="withdraw_code"),
    path("<int:person_id>/recover/", views.recover, name="recover"),
]
pages += [
    path("duties/", duty_views.grants, name="grants"),
    path("duties/grant/", duty_views.grant, name="grant"),
    path("duties/deputy/", duty_views.grant_deputy, name="grant_deputy"),
    path("duties/<int:grant_id>/end/", duty_views.end, name="end_grant"),
    path("sessions/", duty_views.sessions, name="sessions"),
    path("sessions/<int:session_id>/", duty_views.session, name="session"),
    path("sessions/<int:session_id>/close/", duty_views.close_session, name="close_session"),
]
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-in/", views.SignIn.as_view(), name="account_login"),  # the library's name for the same page
    path("forgotten/", views.Forgot.as_view(), name="forgot"),
    path("email/", views.Email.as_view(), name="email"),
    path("", include((pages, "people"))),
]
