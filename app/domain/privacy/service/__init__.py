"""What changes what is kept about people."""

from app.domain.privacy.service.sweeping import RETENTION, sweep_retention

__all__ = ["RETENTION", "sweep_retention"]
