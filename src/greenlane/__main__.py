import sys

from greenlane.cli.main import main

sys.exit(main())
