"""What the rules of `rules.yml` must find, and what they must leave alone; `tools/scan.py` compares."""
# Not code of the project: nothing imports this file.


def get_outcome(actor, outcome_id: int):
    # ruleid: unscoped-lookup
    return Outcome.objects.get(pk=outcome_id)


def change_outcome(*, actor, outcome_id: int):
    # ruleid: unscoped-lookup
    return Outcome.objects.select_for_update().get(pk=outcome_id)


def first_outcome(actor, outcome_id: int):
    # ruleid: unscoped-lookup
    return Outcome.objects.filter(pk=outcome_id).first()


def scoped_outcome(actor, outcome_id: int):
    found(Outcome.objects.all(), actor, SEE, outcome_id)
    # ok: unscoped-lookup
    return Outcome.objects.select_for_update().get(pk=outcome_id)


def required_outcome(*, actor, outcome_id: int):
    # ok: unscoped-lookup
    row = Outcome.objects.get(pk=outcome_id)
    require(actor, WRITE, row)
    return row


def sql(cursor, name):
    # ruleid: sql-made-of-text
    cursor.execute(f"SELECT * FROM {name}")
    # ruleid: sql-made-of-text
    cursor.execute("SELECT * FROM %s" % name)
    # ruleid: sql-made-of-text
    cursor.execute("SELECT * FROM " + name)
    # ok: sql-made-of-text
    cursor.execute("SELECT %s", [name])
    # ruleid: sql-made-of-text
    return Outcome.objects.raw("SELECT 1")


def words(text):
    # ruleid: text-called-safe
    return mark_safe(text)


def path_of(request):
    name = request.GET["name"]
    # ruleid: request-into-path
    with open("/srv/" + name) as file:
        return file.read()


def path_below(request):
    # ruleid: request-into-path
    return settings.HOME / request.POST.get("file")


def numbered_path(request):
    number = int(request.GET["number"])
    # ok: request-into-path
    return open(f"/srv/{number}")


# ruleid: view-asks-nobody
def outcome_page(request: HttpRequest, outcome_id: int) -> HttpResponse:
    return render(request, "x.html", {"outcome": outcome_id})


# ok: view-asks-nobody
def actor_page(request: HttpRequest, outcome_id: int) -> HttpResponse:
    return render(request, "x.html", {"outcome": outcome_seen_by(request.actor, outcome_id)})


# ok: view-asks-nobody
def handing_page(request: HttpRequest, outcome_id: int) -> HttpResponse:
    """The page."""
    return _page(request, outcome_id)


# ok: view-asks-nobody
@open_to_all
def public_page(request: HttpRequest) -> HttpResponse:
    return render(request, "x.html")
