from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("reviews", "0006_packets_taken_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="participant",
            name="level_taken",
            field=models.BooleanField(default=False, help_text="HR took over another level after the launch."),
        ),
        migrations.AddField(
            model_name="dispute",
            name="decide_on",
            field=models.DateField(null=True),
        ),
    ]
