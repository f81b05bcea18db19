"""What must hold of every world of report files that Amazon might deliver."""
