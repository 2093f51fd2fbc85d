from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import NotFound


class NotOnFile(NotFound):
    """Nothing on file at a public address: said to families and programs, who belong to no school here."""

    says = _("這裡沒有備查的課程計畫。")
    remedy = _("網址可能打錯，或學校的課程計畫還沒有備查。請從「查課程」用校名、縣市或科目名稱找。")
