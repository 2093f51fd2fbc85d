from django.urls import path

from licheng.school.receipts import views

app_name = "receipts"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("office/", views.office, name="office"),
    path("<int:receipt_id>/", views.detail, name="detail"),
    path("<int:receipt_id>/who/", views.who, name="who"),
    path("<int:receipt_id>/kit/", views.kit, name="kit"),
    path("<int:receipt_id>/receipt.json", views.receipt_file, name="receipt_file"),
    path("items/<int:item_id>/confirm/", views.confirm, name="confirm"),
    path("items/<int:item_id>/dispute/", views.dispute, name="dispute"),
    path("items/<int:item_id>/answer/", views.answer, name="answer"),
]
