"""Tokens that stood beside the school become machine tokens, and go back, without any school being locked out."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = [("intake", "0001_initial")], [("intake", "0002_tokens_are_machine_tokens")]


@pytest.mark.django_db(transaction=True)
def test_every_schools_token_goes_on_working_there_and_back_twice():
    def move(target):
        executor = MigrationExecutor(connection)
        executor.migrate(target)
        return executor.loader.project_state(target).apps

    try:
        schools = move(BEFORE).get_model("intake", "RegisteredSchool")
        for number in (1, 2):
            schools.objects.create(
                code=f"00000{number}", name="x", keys="", token_sha256=f"{number:064x}", is_active=number == 1
            )
        for _time in range(2):
            move(AFTER)
            tokens = apps.get_model("machines", "MachineToken").objects.order_by("holder")
            assert [(t.holder, t.sha256, t.scopes) for t in tokens] == [
                ("000001", f"{1:064x}", ["deposit"]),
                ("000002", f"{2:064x}", ["deposit"]),
            ]
            schools = move(BEFORE).get_model("intake", "RegisteredSchool")
            kept = dict(schools.objects.values_list("code", "token_sha256"))
            assert kept == {"000001": f"{1:064x}", "000002": f"{2:064x}"}
        tokens.filter(holder="000002").update(revoked_at="2026-01-01T00:00:00Z")
        schools = move(AFTER) and move(BEFORE).get_model("intake", "RegisteredSchool")
        assert schools.objects.get(code="000002").token_sha256.startswith("none")
    finally:
        move(AFTER)
