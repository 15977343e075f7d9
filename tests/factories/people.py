"""Made-up people. A person has no account unless asked for: PersonFactory(with_user=True)."""

from datetime import timedelta
from hashlib import sha256

from factory import SelfAttribute, Sequence, SubFactory, Trait, post_generation
from factory.django import DjangoModelFactory, Password

from apps.people.models import ApiToken, Department, Location, Person, User
from tests.factories import NOON
from tests.factories.ladders import LevelFactory

PASSWORD = "correct horse battery staple"
SECRET = "s" * 43


class UserFactory(DjangoModelFactory):
    """An account; its password is PASSWORD."""

    class Meta:
        model = User

    email = Sequence(lambda n: f"account{n}@example.com")
    password = Password(PASSWORD)


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    name = Sequence(lambda n: f"Department {n}")


class LocationFactory(DjangoModelFactory):
    class Meta:
        model = Location

    name = Sequence(lambda n: f"Place {n}")
    time_zone = "Europe/Oslo"


class PersonFactory(DjangoModelFactory):
    """Traits: with_user (an account), with_level, placed (department and location), left,
    process_admin, content_admin. `mixins=[...]` sets the role mixins."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    class Params:
        with_user = Trait(user=SubFactory(UserFactory, email=SelfAttribute("..email")))
        with_level = Trait(level=SubFactory(LevelFactory))
        placed = Trait(
            department=SubFactory(DepartmentFactory), location=SubFactory(LocationFactory)
        )
        left = Trait(left_on=(NOON - timedelta(days=30)).date())
        process_admin = Trait(is_process_admin=True)
        content_admin = Trait(is_content_admin=True)

    name = Sequence(lambda n: f"Person {n:04d}")
    email = Sequence(lambda n: f"person{n}@example.com")
    job_title = "Engineer"
    hired_on = (NOON - timedelta(days=900)).date()

    @post_generation
    def mixins(self, create, extracted, **kwargs):
        if create and extracted:
            self.mixins.set(extracted)


class ApiTokenFactory(DjangoModelFactory):
    """A live token; its key is f"rungs_{token.prefix}_{SECRET}"."""

    class Meta:
        model = ApiToken

    person = SubFactory(PersonFactory, with_user=True)
    name = "script"
    prefix = Sequence(lambda n: f"{n:08x}")
    digest = sha256(SECRET.encode()).hexdigest()
    created_at = NOON
    expires_at = NOON + timedelta(days=90)
