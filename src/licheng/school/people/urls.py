from django.urls import include, path

from licheng.school.people.views import accounts, codes, duties, private

pages = [
    path("classes/", accounts.classes, name="classes"),
    path("classes/<int:class_id>/", accounts.class_sheet, name="class_sheet"),
    path("mine/", accounts.mine, name="mine"),
    path("<int:person_id>/", accounts.student, name="student"),
    path("looks/", private.looks, name="looks"),
    path("looks/looks.csv", private.looks_csv, name="looks_csv"),
    path("guardians/", private.own_guardians, name="own_guardians"),
    path("wards/add/", private.ward, name="add_ward"),
    path("<int:person_id>/guardians/", private.guardians, name="guardians"),
    path("<int:person_id>/guardians/code/", codes.guardian_code, name="guardian_code"),
    path(
        "guardian-codes/<int:guardian_code_id>/withdraw/",
        private.withdraw_code,
        name="withdraw_guardian_code",
    ),
    path("guardian-links/<int:guardian_link_id>/end/", private.end_link, name="end_guardian_link"),
    path(
        "classes/<int:class_id>/guardian-codes/",
        codes.class_guardian_codes,
        name="class_guardian_codes",
    ),
    path("classes/<int:class_id>/leaving/", private.class_leaving, name="class_leaving"),
    path("<int:person_id>/id-number/", private.id_number, name="id_number"),
    path("<int:person_id>/leaving/", private.leaving, name="leaving"),
    path("<int:person_id>/leaving/undo/", private.return_, name="undo_leaving"),
    path("classes/<int:class_id>/codes/", codes.class_codes, name="class_codes"),
    path("classes/<int:class_id>/mail/", accounts.class_mail, name="class_mail"),
    path("<int:person_id>/who/", duties.who, name="who"),
    path("<int:person_id>/code/", codes.person_code, name="person_code"),
    path("<int:person_id>/code/withdraw/", accounts.withdraw_code, name="withdraw_code"),
    path("<int:person_id>/sign-out/", accounts.sign_out, name="sign_out"),
    path("<int:person_id>/recover/", codes.recover, name="recover"),
]
pages += [
    path("duties/", duties.grants, name="grants"),
    path("duties/grant/", duties.grant, name="grant"),
    path("duties/deputy/", duties.grant_deputy, name="grant_deputy"),
    path("duties/<int:grant_id>/end/", duties.end, name="end_grant"),
    path("sessions/", duties.sessions, name="sessions"),
    path("sessions/<int:session_id>/", duties.session, name="session"),
    path("sessions/<int:session_id>/who/", duties.session_who, name="session_who"),
    path("sessions/<int:session_id>/close/", duties.close_session, name="close_session"),
]
urlpatterns = [
    path("sign-in/", accounts.SignIn.as_view(), name="sign_in"),
    path("sign-in/", accounts.SignIn.as_view(), name="account_login"),  # the library's name for the same page
    path("forgotten/", accounts.Forgot.as_view(), name="forgot"),
    path("email/", accounts.Email.as_view(), name="email"),
    path("", include((pages, "people"))),
]
