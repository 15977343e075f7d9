from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("reviews", "0008_last_days_counted"),
    ]

    operations = [
        migrations.AlterField(
            model_name="dispute",
            name="decide_on",
            field=models.DateField(help_text="The last day for a decision, where the person is: as many working days after the dispute as there were to open it."),
        ),
    ]
