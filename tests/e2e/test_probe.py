import time
import pytest
import tests.e2e.browser as b
from axe_playwright_python.sync_playwright import Axe
pytestmark = pytest.mark.e2e
T0=time.monotonic()
orig=b.Person.look
def look(self,name):
    t=time.monotonic(); orig(self,name); print(f"{t-T0:7.1f} look {name} {time.monotonic()-t:.2f}")
b.Person.look=look
orun=Axe.run
def run(self,*a,**k):
    t=time.monotonic(); r=orun(self,*a,**k); print(f"     axe {time.monotonic()-t:.2f}"); return r
Axe.run=run
def test_probe(school):
    print(time.monotonic()-T0)
