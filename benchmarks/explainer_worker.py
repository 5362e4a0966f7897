"""Serve explainerdashboard on tracks, in an environment of its own: PATH PORT."""

import sys
import warnings

import lightgbm
import pandas as pd
from explainerdashboard import ExplainerDashboard, RegressionExplainer

N_SHAP = 2_000
"""Tracks that are explained: of all of them it would take many minutes before the first page."""

warnings.filterwarnings("ignore")
table = pd.read_parquet(sys.argv[1])
target = table.pop("popularity")
model = lightgbm.LGBMRegressor(n_estimators=300, verbose=-1).fit(table, target)
few = table.sample(N_SHAP, random_state=0) if len(table) > N_SHAP else table
explainer = RegressionExplainer(model, few, target.loc[few.index], shap="tree")
dashboard = ExplainerDashboard(
    explainer, whatif=True, shap_interaction=False, decision_trees=False, title="tracks"
)
dashboard.run(port=int(sys.argv[2]), host="127.0.0.1", use_waitress=True)
