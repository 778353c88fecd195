"""What people read at the fields of `fields.py`: label, help and examples, in the reader's language.

What lives here: words about fields and sections. Names of choices are vocabularies (`ppp_match.vocabularies`);
which field exists and what it must hold stands in `fields.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Words:
    """What stands at a field. `good` and `poor` are examples; an empty one is not shown."""

    label: Any
    help: Any = ""
    good: Any = ""
    poor: Any = ""


NEED: dict[str, Words] = {
    "title": Words(
        _l("Title of the need"),
        _l("Name the result you want, not a product. At most 120 characters."),
        _l("Cut water losses from 31 to 20 per cent in four old districts"),
        _l("Purchase of 5,000 smart water meters"),
    ),
    "problem": Words(
        _l("What is the problem?"),
        _l(
            "What happens, where, how often. With one figure the right people find you more easily. 300 to 2,500 "
            "characters; Markdown works."
        ),
        _l(
            "Each storm above 80 mm floods 20 riverside streets by 30–60 cm. In 2025 this happened 34 times, for 212 "
            "hours in all. The city learns of it when residents call."
        ),
        _l("The city needs a modern artificial intelligence platform to become smart."),
    ),
    "tried": Words(
        _l("What has been tried?"),
        _l("What you did, when, and why it was not enough."),
        _l(
            "Twelve water gauges read by eye (2022) and a flood map kept by hand (2024); both were 40 minutes late."
        ),
    ),
    "outcome": Words(
        _l("What result do you want, and how is success measured?"),
        _l("An indicator, its value today, the target, and how it is measured."),
        _l(
            "Warning at least 3 hours ahead; hours of flooding down from 212 to 148 a year, by water-level sensors."
        ),
        _l("Better management and happier residents."),
    ),
    "beneficiaries": Words(_l("How many people are affected?"), _l("An estimate is fine."), _l("400,000")),
    "who_affected": Words(
        _l("Who are they?"),
        _l("Name the groups most easily left behind."),
        _l("Motorbike riders, 52,000 people over 60, three hospitals"),
    ),
    "beneficiary_group": Words(
        _l("Groups of residents concerned"), _l("Those whom a solution must not leave out; up to eight.")
    ),
    "city": Words(_l("City or place"), _l("Companies that serve this country are considered.")),
    "anonymous": Words(
        _l("Withhold the city’s name until an introduction"),
        _l(
            "The need is public either way. With this box readers see the country only; the forum and your own unit "
            "always see the name."
        ),
    ),
    "local_specifics": Words(
        _l("What is particular about the place?"),
        _l("Climate, terrain, habits, buildings: what a solution from elsewhere would have to cope with."),
        _l("Riverside, tidal twice a day, narrow lanes, most people ride motorbikes"),
    ),
    "scale_value": Words(_l("Scale: how many?"), _l("The size of the task as one number."), _l("140")),
    "scale_unit": Words(_l("Scale: of what?"), _l("The unit of that number."), _l("measuring points")),
    "sector": Words(_l("Sectors"), _l("Choose up to five, the most important first in your text.")),
    "ascf_area": Words(_l("Focus area of the ASEAN Smart Cities Framework"), _l("Up to three.")),
    "outcome_area": Words(_l("Strategic outcome"), _l("Which of the framework’s three aims it serves.")),
    "d950_group": Words(
        _l("Group under Decision 950 (Viet Nam)"), _l("Needed when the place is in Viet Nam.")
    ),
    "sdg": Words(_l("Sustainable Development Goals"), _l("Up to six goals or targets.")),
    "stage": Words(
        _l("Project stage"),
        _l("How far the project is today. It decides which kind of partner fits."),
    ),
    "partner_kind": Words(_l("What kind of partner do you look for?"), _l("Several are possible.")),
    "contract_form": Words(
        _l("Forms of contract considered"),
        _l("Choose “Open” alone if nothing is decided."),
    ),
    "language": Words(_l("Working languages"), _l("Languages in which you can talk and read documents.")),
    "requirements": Words(
        _l("Must-have requirements"),
        _l("One a line. What a solution cannot do without."),
        _l("Data stored in the country"),
        _l("World-class, modern, comprehensive"),
    ),
    "wishes": Words(
        _l("Further wishes"),
        _l("One a line. What would be good to have, but bars nobody."),
        _l("A training course for twelve operators"),
    ),
    "exclusions": Words(
        _l("Not wanted"), _l("One a line. What must not be part of it."), _l("No face recognition")
    ),
    "existing_systems": Words(
        _l("Systems already there"),
        _l("What a solution must work with: systems, equipment, contracts still running."),
        _l("SCADA of four pumping stations; drain map in GIS (2023)"),
    ),
    "standards": Words(
        _l("Standards to connect to"),
        _l("One a line. Protocols, formats and rules that a solution has to follow."),
        _l("OPC UA for the pumping stations; national data-sharing platform (NDXP)"),
    ),
    "data_available": Words(
        _l("Data you can share"),
        _l("Name, years, form. No confidential data here."),
        _l("Ten years of rainfall; hourly water level at four stations"),
    ),
    "plan_reference": Words(
        _l("Approved plan it belongs to"),
        _l("Number and date of the decision, or the plan’s name."),
        _l("Provincial smart-city scheme 2026–2030, action 12"),
    ),
    "community": Words(
        _l("Residents’ part so far"),
        _l("Whom you asked, when, what they said."),
        _l("Twelve neighbourhood meetings, June to August 2026; they ask for warnings by loudspeaker too"),
    ),
    "budget_status": Words(_l("Where does the budget stand?"), _l("“Not disclosed” needs no amount.")),
    "amount": Words(
        _l("Budget"),
        _l(
            "As you would say it, with the currency: VND 15–100 bn, USD 1.2 m, up to EUR 300,000. The range may be wide."
        ),
        _l("VND 15–100 bn"),
    ),
    "amount_min": Words(_l("Budget, from")),
    "amount_max": Words(_l("Budget, to")),
    "currency": Words(_l("Currency")),
    "financing_gap": Words(
        _l("Amount still missing"),
        _l("In the currency of the budget: what an investor or donor could bring."),
        _l("VND 40 bn"),
    ),
    "funding_source": Words(_l("Sources of money considered"), _l("Up to eight.")),
    "start_on": Words(_l("Planned start"), _l("An estimate is fine.")),
    "end_on": Words(_l("Planned end")),
    "response_until": Words(
        _l("Responses until"), _l("After this day companies can no longer express interest.")
    ),
    "contact_unit": Words(
        _l("Contact unit"),
        _l("A unit or role, never a person’s name or number. The forum connects you when both sides agree."),
        _l("Technical Infrastructure Centre"),
        _l("Mr Minh, 0912 345 678"),
    ),
    "conflicts": Words(
        _l("Conflicts of interest"),
        _l("Ties between your unit’s people and companies in this field. “None” is an answer."),
        _l("None."),
    ),
}

CAPABILITY: dict[str, Words] = {
    "title": Words(
        _l("Title of the capability"),
        _l("Name what you make possible, in words a city would use. At most 120 characters."),
        _l("Street-level flood forecasts three hours ahead"),
        _l("Leading all-in-one smart-city platform 4.0"),
    ),
    "solves": Words(
        _l("Which problem do you solve?"),
        _l("In the words of those who have the problem. 100 to 2,500 characters; Markdown works."),
        _l(
            "Cities learn of flooded streets from phone calls. We forecast depth street by street every ten minutes, "
            "up to four hours ahead, so that crews and hospitals can act in time."
        ),
        _l("We use AI, big data and blockchain for every field of the smart city."),
    ),
    "how": Words(
        _l("How does it work?"),
        _l("Parts, steps, what the city has to bring. At least 60 characters; Markdown works."),
        _l(
            "Level sensors on 40 drains, a two-dimensional model, an alert service, a screen for pumping stations"
        ),
    ),
    "offer_kind": Words(_l("What do you offer?"), _l("Several are possible.")),
    "maturity": Words(_l("How mature is it?"), _l("What runs today counts, not what is planned.")),
    "not_offered": Words(
        _l("What do you not do?"),
        _l("A clear limit saves both sides a useless meeting."),
        _l("No civil works, no replacement of pumps"),
        _l("We do everything"),
    ),
    "sector": Words(_l("Sectors"), _l("Choose up to five. Few and exact sectors are found more often.")),
    "ascf_area": NEED["ascf_area"],
    "outcome_area": NEED["outcome_area"],
    "d950_group": Words(_l("Group under Decision 950 (Viet Nam)"), _l("If you work in Viet Nam.")),
    "sdg": NEED["sdg"],
    "country": Words(_l("Countries served"), _l("Where you can deliver today.")),
    "legal_presence": Words(
        _l("Legal presence"),
        _l("Countries where you have a company, a branch or a representative, and since when."),
        _l("Company in Viet Nam since 2019; representative office in Laos"),
    ),
    "local_support": Words(
        _l("Support on the spot"),
        _l("Where, how many people, how soon they come."),
        _l("Twelve technicians in Can Tho and Ho Chi Minh City; on site within four hours"),
    ),
    "language": Words(_l("Working languages"), _l("Languages your team can work and write documents in.")),
    "contract_form": Words(
        _l("Forms of contract you accept"), _l("Choose all that you have done or can do.")
    ),
    "data_hosting": Words(_l("Where data can be stored"), _l("Needed when you offer software.")),
    "delivery_months": Words(_l("Months from contract to operation"), _l("A typical project."), _l("4")),
    "amount": Words(
        _l("Size of projects you take"),
        _l("From the smallest to the largest, with the currency: USD 100k–2.5m, VND 2.5–60 bn."),
        _l("USD 100k–2.5m"),
    ),
    "amount_min": Words(_l("Project size, from")),
    "amount_max": Words(_l("Project size, to")),
    "currency": Words(_l("Currency")),
    "can_invest": Words(
        _l("We can invest our own money"), _l("Equity, supplier credit, paid back from results.")
    ),
    "ticket_max": Words(
        _l("Largest investment"),
        _l("In the currency of the project size. Needed when you can invest."),
        _l("USD 2 m"),
    ),
    "price_basis": Words(_l("How the price is made"), _l("No offer, only the principle. Up to three.")),
    "price_model": Words(
        _l("More about the price"), _l("One line, no figures."), _l("Per measuring point and year")
    ),
    "team": Words(
        _l("Team"),
        _l("Trades and numbers, no names."),
        _l("Six hydrologists, nine software engineers, four trainers"),
    ),
    "integration": Words(
        _l("Interfaces"),
        _l("Protocols and systems you have connected to."),
        _l("OPC UA, MQTT, REST; GIS via WFS"),
    ),
    "standards": Words(
        _l("Standards and certificates"), _l("One a line, with its year."), _l("ISO 27001:2022")
    ),
    "enterprise_trait": Words(
        _l("What kind of enterprise are you?"),
        _l(
            "For figures on fairness: how many small, local and social enterprises take part. It changes no score."
        ),
    ),
    "ownership": Words(
        _l("Owners and ties to officials"),
        _l("Parent company, main owners, officials linked to you. “None” is an answer."),
        _l("Owned by its founders; no official is linked."),
    ),
}

REFERENCE: dict[str, Words] = {
    "client": Words(_l("Client")),
    "place": Words(_l("Where it was done")),
    "country": Words(_l("Country")),
    "year": Words(_l("Year")),
    "amount": Words(_l("Value"), _l("With the currency: USD 1.2 m.")),
    "scope": Words(_l("What was done")),
    "result": Words(_l("Measured result")),
}

SECTIONS: dict[str, dict[str, Any]] = {
    "need": {
        "problem": _l("Problem and result"),
        "place": _l("Place and scale"),
        "classification": _l("Classification"),
        "partners": _l("Stage and partners"),
        "conditions": _l("Conditions and limits"),
        "money": _l("Budget and time"),
        "contact": _l("Contact and conflicts of interest"),
    },
    "capability": {
        "offer": _l("What you offer"),
        "classification": _l("Classification"),
        "delivery": _l("Where and how"),
        "money": _l("Project size"),
        "evidence": _l("Evidence"),
    },
}

STEPS: dict[str, dict[str, Any]] = {
    "need": {
        "place": _l("Place and field"),
        "problem": _l("Problem and result"),
        "conditions": _l("Partners and conditions"),
        "money": _l("Budget, time, contact"),
        "review": _l("Look through and send"),
        "all": _l("The whole form"),
    },
    "capability": {
        "offer": _l("What you offer"),
        "delivery": _l("Field and delivery"),
        "money": _l("Project size and price"),
        "evidence": _l("Evidence"),
        "review": _l("Look through and send"),
        "all": _l("The whole form"),
    },
}


def words(kind: str, name: str) -> Words:
    """The words at a field of a need or a capability. Raises KeyError for a field without words."""
    return (NEED if kind == "need" else CAPABILITY)[name]


def label(kind: str, name: str) -> str:
    """The label of a field; `references` is the list of reference projects, any other name is shown as it is.

    `title.en` is the field in a second language.
    """
    if name == "references":
        return str(_l("Reference projects"))
    name, _dot, lang = name.partition(".")
    if lang:
        return f"{label(kind, name)} ({lang.upper()})"
    found = (NEED if kind == "need" else CAPABILITY).get(name)
    return str(found.label) if found else name
