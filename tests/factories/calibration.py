"""Made-up calibration sessions."""

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.calibration.models import Item, Membership, Session
from apps.calibration.states import SessionState
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory


class SessionFactory(DjangoModelFactory):
    """A live session; a locked one carries an empty record."""

    class Meta:
        model = Session

    cycle = SubFactory(CycleFactory, state=CycleState.CALIBRATION)
    name = Sequence(lambda n: f"Session {n}")
    facilitator = SubFactory(PersonFactory)
    state = SessionState.LIVE
    created_at = NOON
    locked_at = LazyAttribute(lambda s: NOON if s.state == SessionState.LOCKED else None)
    locked_by = LazyAttribute(lambda s: s.facilitator if s.locked_at else None)
    record = LazyAttribute(lambda s: {} if s.locked_at else None)
    record_hash = LazyAttribute(lambda s: "0" * 64 if s.locked_at else "")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    session = SubFactory(SessionFactory)
    person = SubFactory(PersonFactory)


class ItemFactory(DjangoModelFactory):
    class Meta:
        model = Item

    session = SubFactory(SessionFactory)
    participant = SubFactory(ParticipantFactory, cycle=SelfAttribute("..session.cycle"))
