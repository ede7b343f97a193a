from typing import ClassVar

from django.db import migrations

FILL = """
UPDATE jobs_jobdocument document
SET weekly_load = job.weekly_load, proposals = coalesce(activity.proposals, 0),
    has_hired = coalesce(facts.hires, 0) > 0
FROM jobs_job job
LEFT JOIN jobs_jobactivity activity ON activity.job_id = job.id
LEFT JOIN profiles_partyfacts facts ON facts.party_id = job.client_id
WHERE job.id = document.job_id
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("jobs", "0011_filters"), ("profiles", "0007_talent_lists")]

    operations: ClassVar = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
