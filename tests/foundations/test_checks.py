from licheng.foundations.custody.checks import copies_stand_apart


def test_copies_on_one_device_are_refused_outside_the_embedded_default(settings):
    settings.EMBEDDED = False
    assert [error.id for error in copies_stand_apart()] == ["files.E002"]

    settings.EMBEDDED = True
    assert copies_stand_apart() == []


def test_one_copy_is_refused_everywhere(settings):
    settings.COPY_ROOTS = settings.COPY_ROOTS[:1]
    for embedded in (False, True):
        settings.EMBEDDED = embedded
        assert [error.id for error in copies_stand_apart()] == ["files.E001"]
