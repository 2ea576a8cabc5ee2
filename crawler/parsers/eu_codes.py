"""The portal's codes: what they mean, from its own facets."""

from store.records import Status

STATUSES = {
    "31094501": Status.FORTHCOMING,
    "31094502": Status.OPEN,
    "31094503": Status.CLOSED,
}
"""Other codes, seen on external action, mean that the status is unknown."""

PROGRAMMES = {
    "111111": "EU External Action",
    "31045243": "Horizon 2020",
    "31059643": "COSME",
    "42810547": "Europe Direct",
    "43089234": "Innovation Fund",
    "43108390": "Horizon Europe",
    "43152860": "Digital Europe",
    "43251567": "Connecting Europe Facility",
    "43251589": "CERV: Citizens, Equality, Rights and Values",
    "43251814": "Creative Europe",
    "43251842": "Union Anti-Fraud Programme",
    "43251882": "IMCAP: Information on the CAP",
    "43252368": "Internal Security Fund",
    "43252386": "Justice Programme",
    "43252405": "LIFE",
    "43252433": "PERICLES IV",
    "43252449": "Research Fund for Coal and Steel",
    "43252476": "Single Market Programme",
    "43252517": "Social Prerogatives",
    "43253967": "Renewable Energy Financing Mechanism",
    "43254019": "European Social Fund+",
    "43254037": "European Solidarity Corps",
    "43298203": "Union Civil Protection Mechanism",
    "43298664": "Promotion of Agricultural Products",
    "43298916": "Euratom",
    "43332642": "EU4Health",
    "43353764": "Erasmus+",
    "43392145": "EMFAF: Maritime, Fisheries and Aquaculture",
    "43637601": "Pilot Projects and Preparatory Actions",
    "43697167": "European Parliament",
    "44181033": "European Defence Fund",
    "44416173": "Interregional Innovation Investments (I3)",
    "44773066": "Just Transition Mechanism",
    "44773133": "IMREG: Information on Cohesion Policy",
    "45532249": "EU Bodies and Agencies",
    "45876777": "NDICI-Global Europe",
    "46324255": "Technical assistance for ERDF, CF and JTF",
}
"""Codes of `frameworkProgramme` and the short name that officers use for it."""
