"""Form fields that read amounts of money as people type them, and the words about what was understood.

The parser stands in `amounts.py`, the rates in `money.py`. What was typed is kept when it cannot be read.
"""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import Field
from wtforms.widgets import TextInput

from ppp_match.formats import aboutfmt, datefmt, numberfmt
from ppp_match.listings.amounts import Amount, Unreadable, in_full, read, write
from ppp_match.listings.entry import clean_text
from ppp_match.money import newest_rates

OF_THE_BUDGET = "?"  # stands for the currency of an amount that names none


def _lang() -> str:
    return str(get_locale() or "vi")[:2]


class AmountField(Field):
    """A range with its currency in one line. `data` is an Amount, empty where nothing could be read."""

    widget = TextInput()
    default_currency: str | None = None
    single = False
    nothing = False  # whether zero is an answer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "AmountField"

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data and not self.data.is_empty and not self.data.currency:
            return numberfmt(self.data.high)  # stored before amounts had to name their currency
        return write(self.data, _lang()) if self.data else ""

    def process_data(self, value: Any) -> None:
        self.data = value if isinstance(value, Amount) else Amount()

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.data = Amount()
        try:
            found = read(
                clean_text(valuelist[0].replace("\x00", ""), lines=False),
                _lang(),
                default=self.default_currency,
            )
        except Unreadable as error:
            raise ValueError(refusal(error)) from None
        if found.high == 0 and not self.nothing:
            raise ValueError(_("Write an amount above zero."))
        if self.single:
            if found.low is not None and found.high is not None and found.low != found.high:
                raise ValueError(_("Write one amount, not a range."))
            end = found.high if found.high is not None else found.low
            found = Amount(end, end, found.currency)
        self.data = found


class OneAmountField(AmountField):
    """One amount that names its own currency."""

    single = True


class PartOfBudgetField(OneAmountField):
    """One amount in the currency of another field; a currency that it names has to be the same."""

    default_currency = OF_THE_BUDGET
    nothing = True


def refusal(error: Unreadable) -> str:
    """What to do about an amount that could not be read."""
    example = _("VND 15–100 bn, USD 1.2 m, up to EUR 300,000")
    if error.code == "ambiguous" and len(error.readings) == 2:
        low, high = (write(Amount(one, one, "VND"), _lang()).replace("đồng", "").replace("VND", "").strip()
                     for one in error.readings)  # fmt: skip
        return _(
            "This can mean %(one)s or %(other)s. Write it without the point or comma.", one=low, other=high
        )
    return {
        "currency_missing": _("Name the currency, for example %(example)s.", example=example),
        "which_dollar": _("Which dollar? Write USD, SGD, BND or AUD."),
        "two_currencies": _("Write both ends of the range in one currency."),
        "order": _("The upper amount must not be smaller than the lower one."),
        "too_large": _("This amount is too large to be stored. Look at the zeros again."),
    }.get(
        error.code,
        _("Write an amount or a range with its currency, for example %(example)s.", example=example),
    )


def echo(amount: Amount | None) -> list[str]:
    """What was understood, in full, and the same in đồng and US dollars with the day of the rate."""
    if not amount or amount.is_empty or not amount.currency:
        return []
    said = [_("Understood: %(amount)s", amount=in_full(amount, _lang()))]
    others = [code for code in ("VND", "USD") if code != amount.currency]
    rates = newest_rates((amount.currency, *others))
    if amount.currency not in rates:
        return said
    for code in others:
        if code not in rates:
            continue
        factor = rates[code][0] / rates[amount.currency][0]
        converted = [None if end is None else end * factor for end in (amount.low, amount.high)]
        used = {rates[one][1] for one in (code, amount.currency) if one != "USD"}
        said.append(
            _(
                "about %(amount)s at the rate of %(date)s",
                amount=aboutfmt(converted[0], converted[1], code),
                date=" / ".join(datefmt(day) for day in sorted(used)),
            )
        )
    return said
