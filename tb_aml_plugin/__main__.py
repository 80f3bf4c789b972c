"""``python -m tb_aml_plugin``: the same as ``tb-aml``, where that is not on the path."""

import sys

from tb_aml_plugin.cli import main

sys.exit(main())
