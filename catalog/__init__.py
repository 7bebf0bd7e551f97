"""What the world decided: every fact once, with its source and date."""
