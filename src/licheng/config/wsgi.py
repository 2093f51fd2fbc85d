from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from licheng.foundations.custody.guard import require_open  # noqa: E402 -- models are there after the line above

require_open()
