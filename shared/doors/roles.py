"""What somebody who signs in can be."""

from enum import StrEnum

ALL_OF_THEM = "*"


class Role(StrEnum):
    INSTRUCTOR = "instructor"
    COORDINATOR = "coordinator"
    COUNSELOR = "counselor"
    STUDENT = "student"
    LEADER = "leader"
    DATA_MANAGER = "data_manager"
    OPERATOR = "operator"
    SERVICE = "service"
