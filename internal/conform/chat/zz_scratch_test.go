package chat_test
import ("testing";"fmt";"strings";"time";"os";"sort"
"parley/internal/conform"
"parley/internal/conform/chat"
"parley/internal/conform/zoo")
func TestZZ(t *testing.T){
 out:=&strings.Builder{}
 n:=0
 for _,c:=range aboutLines(){ if !c.Strict&&c.HoldsAt(0){n+=c.Points}; fmt.Fprintln(out,c.ID,c.Rule,c.Step,c.Points)}
 fmt.Fprintln(out,"points",n)
 for _,m:=range zoo.All(){ if m.Target!=conform.Server{continue}
  if f:=os.Getenv("ZOO"); f!="" && !strings.Contains(" "+f+" "," "+m.Name+" "){continue}
  fmt.Fprintln(os.Stderr,m.Name)
  r,err:=m.Start(t.Context(),"127.0.0.1:0",zoo.Options{SpamBlock:time.Second}); if err!=nil{t.Fatal(err)}
  set:=aboutLines(); if os.Getenv("ALL")!=""{set=chat.Checks()}
  rep:=run(t,set,conform.Options{Address:r.Address,Dialect:conform.Dialect(os.Getenv("DIALECT")),SpamBlock:time.Second,Timeout:800*time.Millisecond})
  var f,sk []string
  for i:=range rep.Results{ x:=&rep.Results[i]; if x.Status==conform.Failed||x.Status==conform.Remark{f=append(f,fmt.Sprintf("%s(%s): %s | %s",x.Check.ID,x.Check.Rule,x.Message,x.Cause))}; if x.Status==conform.Skipped{sk=append(sk,x.Check.ID+": "+x.Message+"\n     ")}}
  sort.Strings(f)
  fmt.Fprintf(out,"== %s (%s) %v skipped %s %s\n   %s\n",m.Name,m.Rule,rep.Took.Round(time.Millisecond),sk,rep.Died,strings.Join(f,"\n   "))
  r.Stop()
  os.WriteFile("/tmp/zz.out",[]byte(out.String()),0o644)
 }
 os.WriteFile("/tmp/zz.out",[]byte(out.String()),0o644)
}

func TestZA(t *testing.T){ for _,d:=range []conform.Dialect{"course","parley"}{
 rep:=run(t,chat.Checks(),conform.Options{Address:parley(t,10*time.Second),Dialect:d})
 fmt.Println(d,len(rep.Results),rep.Took)
 for i:=range rep.Results{ r:=&rep.Results[i]; if r.Status!=conform.Passed{fmt.Println(r.Check.ID,r.Status,r.Message,r.Cause)}; if r.Took>1500*time.Millisecond || r.Check.Phase!=conform.Together{fmt.Println("  ",r.Check.ID,r.Took.Round(time.Millisecond),r.Check.Phase)}}
}}
