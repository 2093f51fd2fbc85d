from django.urls import path

from licheng.school.counselling.views import files, reading, writing

app_name = "counselling"
ONE = "<uuid:consultation_id>/"
FILE = f"{ONE}files/<slug:role>/"
urlpatterns = [
    path("", reading.consultations, name="list"),
    path("calendar/", reading.month, name="calendar"),
    path("calendar/consultations.ics", reading.ics, name="ics"),
    path("plan/", writing.plan, name="plan"),
    path(ONE, reading.detail, name="detail"),
    path(f"{ONE}who/", reading.who, name="who"),
    path(f"{ONE}edit/", writing.edit, name="edit"),
    path(f"{ONE}cancel/", writing.cancel, name="cancel"),
    path(f"{ONE}restore/", writing.restore, name="restore"),
    path(FILE, files.file, name="file"),
    path(f"{FILE}remove/", files.remove_file, name="remove_file"),
    path(f"{FILE}pages/<int:number>/", files.page, name="page"),
    path(f"{FILE}thumbnail/", files.thumbnail, name="thumbnail"),
    path(f"{FILE}previews/", files.previews, name="previews"),
    path(f"{FILE}receipt/", files.receipt, name="receipt"),
]
