from django.urls import path

from licheng.school.uploads.views import photos, preparing, sending

app_name = "uploads"
urlpatterns = [
    path("", sending.create, name="create"),
    path("plain/", sending.plain, name="plain"),
    path("of/<str:item_kind>/<uuid:item_id>/", sending.left, name="left"),
    path("<uuid:upload_id>/", sending.bytes_, name="bytes"),
    path("<uuid:upload_id>/state/", sending.state, name="state"),
    path("<uuid:upload_id>/discard/", sending.discard, name="discard"),
    path("<uuid:upload_id>/fit/", preparing.fit, name="fit"),
    path("prepared/<uuid:preparation_id>/", preparing.preparation, name="preparation"),
    path("prepared/<uuid:preparation_id>/accept/", preparing.accept, name="accept"),
    path("prepared/<uuid:preparation_id>/drop/", preparing.drop, name="drop"),
    path("prepared/<uuid:preparation_id>/<str:side>/<int:number>/", preparing.side, name="side"),
    path("photos/<str:item_kind>/<uuid:item_id>/", photos.photos, name="photos"),
    path("photos/<str:item_kind>/<uuid:item_id>/order/", photos.order, name="order_photos"),
    path("<uuid:upload_id>/photo/", photos.photo, name="photo"),
    path("<uuid:upload_id>/photo/remove/", photos.remove, name="remove_photo"),
    path("<uuid:upload_id>/photo/<str:step>/", photos.arrange, name="arrange_photo"),
]
