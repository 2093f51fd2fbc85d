from django.urls import path

from licheng.courseplans.publishing import views

app_name = "publishing"
urlpatterns = [
    path("search/", views.courses, name="search"),
    path("courses/<slug:course_code>/", views.course, name="course"),
    path("schools/<slug:school_code>/", views.school, name="school"),
    path("schools/<slug:school_code>/<int:entry_year>/", views.school, name="school_year"),
    path("schools/<slug:school_code>/<int:entry_year>/<slug:group_code>/", views.group, name="group"),
    path("schools/<slug:school_code>/<int:entry_year>/files/<slug:download>/", views.file, name="file"),
]
