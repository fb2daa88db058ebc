package plots_test
import ("testing";"fmt";"github.com/reciprocalnorm/rn/plots")
func TestZZ(t *testing.T){
 save:=func(n string,f *plots.Figure,err error){ if err!=nil{t.Error(n,err);return}; for _,e:=range []string{"svg","png"}{ if err:=f.Save("/tmp/zz/"+n+"."+e);err!=nil{t.Error(err)}}}
 for _,th:=range plots.Themes(){
 o:=plots.Options{Theme:th,DPI:200}
 n:=func(s string)string{return fmt.Sprintf("%s_%v",s,th)}
 for _,gc:=range goldenCases { f,err:=gc.make(o); save(n("g_"+gc.name),f,err) }
 if th==plots.Dark {continue}
 f,err:=plots.Correlation(plots.Matrix{P:softmaxMatrix(2048,.02,.01,3)},plots.CorrelationOptions{Options:o}); save(n("c2048"),f,err)
 p:=softmaxMatrix(64,3,.1,1)[:30]
 f,err=plots.Correlation(plots.Matrix{P:p,Source:"MNIST",Target:"USPS"},plots.CorrelationOptions{Options:o,Colors:plots.Range{Min:0,Max:.2}}); save(n("rect"),f,err)
 u:=softmaxMatrix(4,0,0,1)
 f,err=plots.Correlation(plots.Matrix{P:u},plots.CorrelationOptions{Options:o}); save(n("uniform"),f,err)
 f,err=plots.Correlation(plots.Matrix{P:softmaxMatrix(64,3,.1,1)},plots.CorrelationOptions{Options:plots.Options{Height:60,Width:120,DPI:200}}); save(n("flat"),f,err)
 tasks:=[]string{"Ar→Cl","Ar→Pr","Ar→Rw","Cl→Ar","Cl→Pr","Cl→Rw","Pr→Ar","Pr→Cl","Pr→Rw","Rw→Ar","Rw→Cl","Rw→Pr"}
 f,err=plots.Bars(accuracyTable(tasks,[]string{"BN","AdaBN","AutoDIAL","DSBN","TransNorm","DWT","RN"},3),plots.BarOptions{Options:plots.Options{Width:178,DPI:150,Title:"Office-Home, ResNet-50"},YLabel:"accuracy",Percent:true}); save(n("oh"),f,err)
 f,err=plots.Bars(accuracyTable(tasks[:2],[]string{"BN","RN"},1),plots.BarOptions{Options:o,YLabel:"accuracy",Percent:true,YRange:plots.Range{Min:.4,Max:.8}}); save(n("cut"),f,err)
 f,err=plots.Curves([]plots.Series{{Name:"one",X:[]float64{3},Runs:[][]float64{{1},{2}}},{Name:"b",X:[]float64{1e-6,2},Runs:[][]float64{{0,1.2e-5}}}},plots.CurveOptions{Options:o,XLabel:"x",YLabel:"loss"}); save(n("point"),f,err)
 var s8 []plots.Series
 for i:=range 8 { s:=plots.Series{Name:fmt.Sprint("series ",i)}; for x:=range 60{s.X=append(s.X,float64(x)*0.001)}; r:=make([]float64,60); for x:=range r{r[x]=float64(i)+float64(x)/100}; s.Runs=[][]float64{r}; s8=append(s8,s)}
 f,err=plots.Curves(s8,plots.CurveOptions{Options:o,XLabel:"x",YLabel:"y",YRange:plots.Range{Min:1.2,Max:6.3}}); save(n("eight"),f,err)
 }
}
