"""`dataclass`, `field` and `replace` of the standard library, made when they are first needed.

The standard decorator writes and compiles six methods for every class as soon as its module is imported: half of all
imports of a small build, most of it for classes that the build never makes an object of. Here a class gets its
`__init__` with its first object, the other methods are shared by all classes, and `dataclasses` itself, which brings
`inspect` along, is imported where somebody asks for its fields. To a type checker they are the standard ones.

What grayc uses is here and nothing else: no `InitVar`, `ClassVar`, `KW_ONLY`, no `weakref_slot`, no `unsafe_hash`.
`tests/unit/test_records.py` holds every class of grayc against what the standard decorator makes of it.
"""

from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - told to be exported
    from dataclasses import field as field  # noqa: PLC0414
    from dataclasses import replace as replace  # noqa: PLC0414
else:
    _MISSING = object()
    _MADE = object()

    class _Field:
        """What is said of one field; the names are those of `dataclasses.Field`."""

        __slots__ = ("compare", "default", "default_factory", "init", "kw_only", "name", "repr", "type")

        def __init__(self, default, default_factory, init, repr, compare):
            self.name, self.type, self.kw_only = "", None, False
            self.default, self.default_factory = default, default_factory
            self.init, self.repr, self.compare = init, repr, compare

    class _Record:
        """What is known of one class.

        Attributes:
            fields: name → what is said of it, those of the classes above first.
        """

        def __init__(self, cls, own, *, frozen, slots, kw_only):
            self.fields = {}
            for above in reversed(cls.__mro__[1:]):
                self.fields.update(above.__dict__["__record__"].fields if "__record__" in above.__dict__ else {})
            self.fields.update(own)
            self.name, self.frozen, self.slots, self.kw_only = cls.__name__, frozen, slots, kw_only
            self.made = 0

        def __getattr__(self, name):
            # Asked for once: what is made stays.
            match name:
                case "key":
                    made = _getter([each.name for each in self.fields.values() if each.compare])
                case "given":
                    names = tuple(each.name for each in self.fields.values() if each.init)
                    made = (names, _getter(names))
                case "all":
                    names = tuple(self.fields)
                    made = (names, _getter(names))
                case _:
                    raise AttributeError(name)
            setattr(self, name, made)
            return made

    def _getter(names):
        """Return what gives the values of fields as a tuple."""
        if not names:
            return lambda _: ()
        get = attrgetter(*names)
        return get if len(names) > 1 else lambda given: (get(given),)

    def field(*, default=_MISSING, default_factory=_MISSING, init=True, repr=True, compare=True):
        """As `dataclasses.field`."""
        return _Field(default, default_factory, init, repr, compare)

    def dataclass(cls=None, /, *, frozen=False, slots=False, kw_only=False, eq=True, order=False):
        """As `dataclasses.dataclass`."""
        if cls is None:
            return lambda cls: _make(cls, frozen=frozen, slots=slots, kw_only=kw_only, eq=eq, order=order)
        return _make(cls, frozen=frozen, slots=slots, kw_only=kw_only, eq=eq, order=order)

    def replace(given, /, **changes):
        """As `dataclasses.replace`."""
        try:
            names, get = given.__record__.given
        except AttributeError:
            import dataclasses  # noqa: PLC0415 - a class that is not of grayc

            return dataclasses.replace(given, **changes)
        values = dict(zip(names, get(given), strict=True))
        values.update(changes)
        return given.__class__(**values)

    def _make(cls, *, frozen, slots, kw_only, eq, order):
        annotations = cls.__annotations__
        namespace = dict(cls.__dict__)
        own = {}
        for name, type_ in annotations.items():
            said = namespace.get(name, _MISSING)
            each = said if isinstance(said, _Field) else _Field(said, _MISSING, True, True, True)
            each.name, each.type, each.kw_only = name, type_, kw_only
            own[name] = each
            if slots or isinstance(said, _Field):
                namespace.pop(name, None)
            if not slots and isinstance(said, _Field):
                delattr(cls, name)
                if said.default is not _MISSING:
                    setattr(cls, name, said.default)
        made = {"__init__": _first_init, "__dataclass_fields__": _StandardFields()}
        if "__repr__" not in namespace:
            made["__repr__"] = _repr
        if eq:
            made["__eq__"] = _eq
            made["__hash__"] = _hash if frozen else None
        if order:
            made.update(__lt__=_lt, __le__=_le, __gt__=_gt, __ge__=_ge)
        if frozen:
            made.update(__setattr__=_refuse_to_set, __delattr__=_refuse_to_delete)
        if slots:
            made.update(__getstate__=_get_state, __setstate__=_set_state)
            inherited = {name for above in cls.__mro__[1:-1] for name in getattr(above, "__slots__", ())}
            for name in ("__dict__", "__weakref__"):
                namespace.pop(name, None)
            namespace.update(made)
            namespace["__slots__"] = tuple(name for name in own if name not in inherited)
            qualified = cls.__qualname__
            cls = type(cls)(cls.__name__, cls.__bases__, namespace)
            cls.__qualname__ = qualified
        else:
            for name, value in made.items():
                setattr(cls, name, value)
        record = _Record(cls, own, frozen=frozen, slots=slots, kw_only=kw_only)
        cls.__record__ = record
        cls.__match_args__ = tuple(each.name for each in record.fields.values() if each.init and not each.kw_only)
        return cls

    def complete(cls):
        """Give a class its own `__init__`."""
        record = cls.__record__
        place = {"_MADE": _MADE, "_set": object.__setattr__}
        positional, named, body = [], [], []
        for each in record.fields.values():
            name = each.name
            if each.default_factory is not _MISSING:
                place[f"_make_{name}"] = each.default_factory
                value = f"_make_{name}() if {name} is _MADE else {name}" if each.init else f"_make_{name}()"
                default = "=_MADE"
            elif each.default is not _MISSING:
                place[f"_default_{name}"] = each.default
                value, default = name if each.init else f"_default_{name}", f"=_default_{name}"
            elif each.init:
                value, default = name, ""
            else:
                continue
            if each.init:
                (named if each.kw_only else positional).append(f"{name}{default}")
            if not record.frozen:
                body.append(f"self.{name} = {value}")
            elif record.slots:
                # The slot's own way to be set costs less than the general one, and passes by the refusal.
                place[f"_set_{name}"] = getattr(cls, name).__set__
                body.append(f"_set_{name}(self, {value})")
            else:
                body.append(f"_set(self, {name!r}, {value})")
        if hasattr(cls, "__post_init__"):
            body.append("self.__post_init__()")
        parameters = ", ".join(["self", *positional, *(["*", *named] if named else [])])
        exec(f"def __init__({parameters}):\n " + "\n ".join(body or ["pass"]), place)
        init = place["__init__"]
        init.__qualname__ = f"{cls.__qualname__}.__init__"
        init.__module__ = cls.__module__
        cls.__init__ = init
        return init

    def _first_init(self, /, *given, **named):
        for cls in type(self).__mro__:
            if cls.__dict__.get("__init__") is _first_init:
                record = cls.__record__
                record.made += 1
                # Of most classes a small build makes few objects, and a method takes as long as twenty of them.
                if record.made <= _FEW and not given and _fill(self, record, named):
                    return
                complete(cls)(self, *given, **named)
                return
        # Completed meanwhile, through another name of the class.
        type(self).__init__(self, *given, **named)

    _FEW = 8

    def _fill(self, record, named):
        """Set the fields of an object by their names; False where a method of its own has something to say of them."""
        values = {}
        left = len(named)
        for name, each in record.fields.items():
            if each.init and name in named:
                values[name] = named[name]
                left -= 1
            elif each.default_factory is not _MISSING:
                values[name] = each.default_factory()
            elif each.default is not _MISSING:
                values[name] = each.default
            elif each.init:
                return False
        if left:
            return False
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if hasattr(self, "__post_init__"):
            self.__post_init__()
        return True

    class _StandardFields:
        """What `dataclasses` knows of a class, made where it is asked for."""

        def __get__(self, _, cls):
            import dataclasses  # noqa: PLC0415 - a build does not ask

            said = []
            for each in cls.__record__.fields.values():
                options = {"init": each.init, "repr": each.repr, "compare": each.compare, "kw_only": each.kw_only}
                if each.default is not _MISSING:
                    options["default"] = each.default
                if each.default_factory is not _MISSING:
                    options["default_factory"] = each.default_factory
                said.append((each.name, each.type, dataclasses.field(**options)))
            twin = dataclasses.make_dataclass(cls.__name__, said, repr=False, eq=False)
            cls.__dataclass_fields__ = twin.__dataclass_fields__
            return cls.__dataclass_fields__

    def _repr(self):
        shown = (f"{each.name}={getattr(self, each.name)!r}" for each in self.__record__.fields.values() if each.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _eq(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        key = self.__record__.key
        return key(self) == key(other)

    def _hash(self):
        return hash(self.__record__.key(self))

    def _lt(self, other):
        return self.__record__.key(self) < self.__record__.key(other) if _alike(self, other) else NotImplemented

    def _le(self, other):
        return self.__record__.key(self) <= self.__record__.key(other) if _alike(self, other) else NotImplemented

    def _gt(self, other):
        return self.__record__.key(self) > self.__record__.key(other) if _alike(self, other) else NotImplemented

    def _ge(self, other):
        return self.__record__.key(self) >= self.__record__.key(other) if _alike(self, other) else NotImplemented

    def _alike(one, other):
        return other.__class__ is one.__class__

    def _refuse_to_set(self, name, value):
        from dataclasses import FrozenInstanceError  # noqa: PLC0415 - a fault of ours

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_to_delete(self, name):
        from dataclasses import FrozenInstanceError  # noqa: PLC0415

        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _get_state(self):
        return [*self.__record__.all[1](self)]

    def _set_state(self, state):
        for name, value in zip(self.__record__.all[0], state, strict=True):
            object.__setattr__(self, name, value)
