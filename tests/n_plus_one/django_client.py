"""What programs do with the ORM of Django: lazy, and with what is needed loaded at once."""

from __future__ import annotations

from collections.abc import Callable

import django
from django.apps import apps
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from tests.n_plus_one.shop_schema import TURNS

if not apps.ready:
    settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres"}})
    django.setup()

from django.db import connection, models


class User(models.Model):
    id = models.IntegerField(primary_key=True)
    name = models.TextField()

    class Meta:
        app_label = "shop"
        db_table = "users"


class Order(models.Model):
    id = models.AutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="orders")
    total = models.IntegerField()

    class Meta:
        app_label = "shop"
        db_table = "orders"


class Log(models.Model):
    id = models.AutoField(primary_key=True)
    data = models.TextField()

    class Meta:
        app_label = "shop"
        db_table = "logs"


def _connected(program: Callable[[], None]) -> Callable[[str], None]:
    def run(dsn: str) -> None:
        given = conninfo_to_dict(dsn)
        connection.settings_dict.update(
            NAME=given["dbname"], USER=given["user"], HOST=given["host"], PORT=str(given["port"])
        )
        try:
            program()
        finally:
            connection.close()

    return run


@_connected
def lazy_parent() -> None:
    for order in Order.objects.order_by("id")[:TURNS]:
        assert order.user.name


@_connected
def lazy_children() -> None:
    for user in User.objects.order_by("id")[:TURNS]:
        assert list(user.orders.all())


@_connected
def select_related() -> None:
    assert all(order.user.name for order in Order.objects.select_related("user"))


@_connected
def prefetch_related() -> None:
    assert all(user.orders.all() for user in User.objects.prefetch_related("orders"))


@_connected
def save_each() -> None:
    for turn in range(TURNS):
        Log(data=str(turn)).save()


@_connected
def bulk_create() -> None:
    Log.objects.bulk_create([Log(data=str(turn)) for turn in range(5000)], batch_size=500)
