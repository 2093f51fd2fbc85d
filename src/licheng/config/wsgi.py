import os

from django.core.wsgi import get_wsgi_application

os.environ["LICHENG_STARTS_NOWHERE"] = "1"  # a request sees no school until it has entered one
application = get_wsgi_application()

from licheng.foundations.custody.guard import require_open  # noqa: E402 -- models are there after the line above
from licheng.foundations.starting import started  # noqa: E402 -- as above

require_open()
started()
