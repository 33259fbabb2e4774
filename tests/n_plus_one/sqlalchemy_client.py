"""What programs do with the ORM of SQLAlchemy: lazy, and with what is needed loaded at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, ForeignKey, create_engine, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from tests.n_plus_one.shop_schema import TURNS


class Table(DeclarativeBase):
    pass


class User(Table):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list[Order]] = relationship(back_populates="user")


class Order(Table):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    total: Mapped[int]
    user: Mapped[User] = relationship(back_populates="orders")


class Log(Table):
    __tablename__ = "logs"
    id: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[str]


@contextmanager
def _session(dsn: str) -> Iterator[Session]:
    given = conninfo_to_dict(dsn)
    url = URL.create(
        "postgresql+psycopg",
        username=str(given["user"]),
        database=str(given["dbname"]),
        query={"host": str(given["host"]), "port": str(given["port"])},
    )
    engine = create_engine(url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def lazy_children(dsn: str) -> None:
    with _session(dsn) as session:
        for user in session.scalars(select(User).order_by(User.id).limit(TURNS)):
            assert user.orders


def lazy_parent(dsn: str) -> None:
    with _session(dsn) as session:
        for order in session.scalars(select(Order).order_by(Order.id).limit(TURNS)):
            assert order.user.name


def selectin_children(dsn: str) -> None:
    with _session(dsn) as session:
        query = select(User).options(selectinload(User.orders))
        assert all(user.orders for user in session.scalars(query))


def joined_children(dsn: str) -> None:
    with _session(dsn) as session:
        query = select(User).options(joinedload(User.orders))
        assert all(user.orders for user in session.scalars(query).unique())


def add_all(dsn: str) -> None:
    with _session(dsn) as session:
        session.add_all(Log(data=str(turn)) for turn in range(5000))
        session.commit()


def commit_each(dsn: str) -> None:
    with _session(dsn) as session:
        for turn in range(TURNS):
            session.add(Log(data=str(turn)))
            session.commit()
